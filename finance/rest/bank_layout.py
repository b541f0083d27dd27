"""How banks write their CSV exports, and what dealers may keep when they pay early."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from b2b.core.actor import DEALER, OPERATOR, Actor
from b2b.core.errors import Invalid, Problem
from b2b.directory.selectors import organization
from b2b.http.views import CommandView, ListView
from finance.policies.bank_csv import DECIMAL_MARKS, Layout
from finance.selectors import bank
from finance.selectors import discount_terms as selectors
from finance.services import bank_account, discount_terms
from finance.services.discount_terms import HIGHEST, MOST_DAYS

OPERATORS = frozenset({OPERATOR})


class StatementLayoutShape(serializers.Serializer[Any]):
    """How the bank of an account writes its CSV export: a heading, or several joined by +, for each meaning."""

    account = serializers.CharField(source="bank_account.identifier", max_length=40)
    currency = serializers.CharField(source="bank_account.currency")
    columns = serializers.DictField(child=serializers.CharField())
    delimiter = serializers.CharField()
    encoding = serializers.CharField()
    date_format = serializers.CharField()
    decimal_mark = serializers.CharField()
    skipped_rows = serializers.IntegerField()


class StatementLayoutInput(serializers.Serializer[Any]):
    """The same as it is to be from now on."""

    account = serializers.CharField(max_length=40)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    columns = serializers.DictField(child=serializers.CharField(max_length=200), allow_empty=False)
    delimiter = serializers.CharField(max_length=1, default=",", trim_whitespace=False)
    encoding = serializers.CharField(max_length=24, default="utf-8-sig")
    date_format = serializers.CharField(max_length=24, default="%Y-%m-%d")
    decimal_mark = serializers.ChoiceField(choices=DECIMAL_MARKS, default=".")
    skipped_rows = serializers.IntegerField(min_value=0, max_value=1000, default=0)


class StatementLayouts(ListView, CommandView):
    """List how banks write their CSV exports; POST keeps a description instead of the one before."""

    scope, kinds = "finance", OPERATORS
    selector = bank.layouts
    serializer = output = StatementLayoutShape
    input = StatementLayoutInput

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Keep it."""
        given = dict(data)
        named = {"identifier": given.pop("account"), "currency": given.pop("currency")}
        account = bank.accounts(by).filter(**named).first()
        if account is None:
            wrong = Problem("unknown_account", "we have no such bank account", pointer="/account")
            raise Invalid(problems=[wrong])
        return bank_account.keep_layout(account.pk, Layout(**given), by=by)


class DiscountTermsShape(serializers.Serializer[Any]):
    """What a dealer may keep, a fraction, when it pays within so many days of the invoice."""

    dealer = serializers.CharField(source="dealer.code")
    rate = serializers.DecimalField(max_digits=6, decimal_places=5)
    days = serializers.IntegerField()
    set_by = serializers.CharField()
    set_at = serializers.DateTimeField()


class DiscountTermsInput(serializers.Serializer[Any]):
    """What a dealer may keep from now on; a rate of zero ends it."""

    dealer = serializers.CharField(max_length=24)
    rate = serializers.DecimalField(max_digits=6, decimal_places=5, min_value=0, max_value=HIGHEST)
    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, default=1)


class Discounts(ListView, CommandView):
    """List discounts for paying early; POST agrees on one or ends it."""

    scope, kinds = "finance", OPERATORS
    selector = selectors.visible
    serializer = DiscountTermsShape
    input, output, status = DiscountTermsInput, None, 204

    def call(self, data: Any, *, by: Actor, at: Any) -> None:
        """Agree on it."""
        dealer = organization.visible(by).filter(code=data["dealer"], kind=DEALER).first()
        if dealer is None:
            raise Invalid(problems=[Problem("unknown_dealer", "there is no such dealer", pointer="/dealer")])
        discount_terms.set_terms(dealer_id=dealer.pk, rate=data["rate"], days=data["days"], by=by, at=at)
