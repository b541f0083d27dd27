"""What accounts in foreign currencies were worth at the end of days; the operator's."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from b2b.core.actor import OPERATOR, Actor
from b2b.core.money import Money
from b2b.http.views import CommandView, ListView
from finance.models import ExchangeValuation
from finance.selectors import exchange_valuation as selectors
from finance.services import exchange_valuation

OPERATORS = frozenset({OPERATOR})


class ExchangeValuationShape(serializers.Serializer[Any]):
    """An account's balance, what it was worth when it moved, what it is worth at the day's rate, and the difference."""

    id = serializers.IntegerField()
    day = serializers.DateField()
    account = serializers.CharField(source="account.code")
    party = serializers.CharField(source="account.party.code", allow_null=True, default=None)
    unit = serializers.CharField(source="account.unit")
    rate = serializers.DecimalField(max_digits=20, decimal_places=10)
    currency = serializers.CharField()
    balance = serializers.SerializerMethodField()
    historic = serializers.SerializerMethodField()
    worth = serializers.SerializerMethodField()
    difference = serializers.SerializerMethodField()
    entry_id = serializers.UUIDField(allow_null=True)
    valued_at = serializers.DateTimeField()

    def get_balance(self, one: ExchangeValuation) -> str:
        """Write it in the account's currency."""
        return str(Money.from_minor(one.balance, one.account.unit).amount)

    def get_historic(self, one: ExchangeValuation) -> str:
        """Write it in the currency of the books."""
        return str(Money.from_minor(one.historic, one.currency).amount)

    def get_worth(self, one: ExchangeValuation) -> str:
        """Write it in the currency of the books."""
        return str(Money.from_minor(one.worth, one.currency).amount)

    def get_difference(self, one: ExchangeValuation) -> str:
        """Write it in the currency of the books."""
        return str(Money.from_minor(one.difference, one.currency).amount)


class DayInput(serializers.Serializer[Any]):
    """The day at whose end accounts are valued."""

    day = serializers.DateField()


class ValuedAccountsShape(serializers.Serializer[Any]):
    """How many accounts were valued anew."""

    valued = serializers.IntegerField()


class ExchangeValuations(ListView, CommandView):
    """List valuations, the newest first; POST values all accounts at the end of a day."""

    scope, kinds = "finance", OPERATORS
    selector = selectors.told
    serializer = ExchangeValuationShape
    input, output, status = DayInput, ValuedAccountsShape, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Value them."""
        return {"valued": len(exchange_valuation.value(data["day"], by=by, at=at))}
