"""Goods that secure money: which they are, what they are worth from day to day, and letting them go."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers

from b2b.core.actor import DEALER, FUNDER, OPERATOR, Actor
from b2b.core.money import Money
from b2b.http.views import CommandView, ListView
from finance.selectors import pledge as selectors
from finance.services import pledge

PARTIES = frozenset({DEALER, FUNDER, OPERATOR})
FUNDERS = frozenset({FUNDER, OPERATOR})


class StockPledgeShape(serializers.Serializer[Any]):
    """Base units of a product at a warehouse that secure a financing."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    financing = serializers.CharField(source="financing.number")
    borrower = serializers.CharField(source="borrower.code")
    funder = serializers.CharField(source="funder.code")
    site = serializers.CharField(source="site.code")
    sku = serializers.CharField(source="product.sku")
    quantity = serializers.IntegerField()
    remaining = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class PledgeValuationShape(serializers.Serializer[Any]):
    """What pledged goods were worth on a day, beside what was owed on them."""

    id = serializers.IntegerField()
    pledge = serializers.CharField(source="pledge.number")
    day = serializers.DateField()
    quantity = serializers.IntegerField()
    currency = serializers.CharField(source="pledge.financing.currency")
    worth = serializers.SerializerMethodField()
    owed = serializers.SerializerMethodField()
    is_call = serializers.BooleanField()

    def get_worth(self, said: Any) -> str:
        """Say what they were worth."""
        return str(Money.from_minor(said.worth, said.pledge.financing.currency).amount)

    def get_owed(self, said: Any) -> str:
        """Say what was owed."""
        return str(Money.from_minor(said.owed, said.pledge.financing.currency).amount)


class PledgeRelease(serializers.Serializer[Any]):
    """How many base units to let go; all unless said."""

    quantity = serializers.IntegerField(
        min_value=1, max_value=10**12, required=False, allow_null=True, default=None
    )


class StockPledges(ListView):
    """List pledged goods."""

    scope, kinds = "financing", PARTIES
    selector = selectors.visible
    serializer = StockPledgeShape


class PledgeValuations(ListView):
    """List what pledged goods were worth from day to day; `is_call` asks for more security."""

    scope, kinds = "financing", PARTIES
    selector = selectors.valuations
    serializer = PledgeValuationShape


class ReleasePledge(CommandView):
    """Let pledged goods go, as far as what is left secures what is owed."""

    scope, kinds, selector = "financing", FUNDERS, selectors.visible
    input, output = PledgeRelease, StockPledgeShape

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Release them."""
        return pledge.release(where["pledge_id"], quantity=data["quantity"], by=by, at=at)
