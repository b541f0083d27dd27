"""What the accounts came to, on any day and as known at any moment."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from b2b.core.actor import OPERATOR
from b2b.http.views import ApiView
from finance.policies.chart import MAIN
from finance.selectors import balance

OPERATORS = frozenset({OPERATOR})


class DatesQuery(serializers.Serializer[Any]):
    """Until when lines are effective, and until when they were booked: now when it is not said."""

    book = serializers.CharField(max_length=24, default=MAIN)
    effective_date = serializers.DateField()
    booked_at = serializers.DateTimeField(required=False, default=None)


class BalanceQuery(DatesQuery):
    """Which account; without a party the one of nobody in particular."""

    account = serializers.CharField(max_length=24)
    unit = serializers.CharField(max_length=3)
    party = serializers.CharField(max_length=24, default="", allow_blank=True)


class BalanceShape(serializers.Serializer[Any]):
    """Totals in minor units; the balance is debit positive."""

    debit = serializers.IntegerField()
    credit = serializers.IntegerField()
    balance = serializers.IntegerField(source="amount")


class TrialLineShape(serializers.Serializer[Any]):
    """An account with its totals in minor units; the balance is debit positive."""

    account = serializers.CharField(source="code")
    name = serializers.CharField()
    type = serializers.CharField()
    party = serializers.CharField(allow_null=True)
    unit = serializers.CharField()
    debit = serializers.IntegerField()
    credit = serializers.IntegerField()
    balance = serializers.IntegerField()


class TrialShape(serializers.Serializer[Any]):
    """All accounts of a book that ever moved."""

    book = serializers.CharField()
    effective_date = serializers.DateField()
    # Zones of long ago have offsets with seconds, which RFC 3339 does not know.
    booked_at = serializers.DateTimeField(allow_null=True, default_timezone=UTC)
    accounts = TrialLineShape(many=True)


class TrialBalance(ApiView):
    """Show what every account of a book came to (operator)."""

    scope, kinds = "finance", OPERATORS
    serializer = TrialShape

    @extend_schema(parameters=[DatesQuery], responses=TrialShape)
    def get(self, request: Request) -> Response:
        """Answer with the trial balance."""
        asked = _asked(DatesQuery, request)
        rows = balance.trial(
            self.actor, effective=asked["effective_date"], booked=asked["booked_at"], book=asked["book"]
        )
        return Response(self.present(TrialShape, {**asked, "accounts": rows}))


class AccountBalances(ApiView):
    """Show what one account came to (operator)."""

    scope, kinds = "finance", OPERATORS
    serializer = BalanceShape

    @extend_schema(parameters=[BalanceQuery], responses=BalanceShape)
    def get(self, request: Request) -> Response:
        """Answer with the totals."""
        asked = _asked(BalanceQuery, request)
        found = balance.find(
            self.actor,
            book=asked["book"],
            code=asked["account"],
            unit=asked["unit"],
            party=asked["party"],
            effective=asked["effective_date"],
            booked=asked["booked_at"],
        )
        return Response(self.present(BalanceShape, found))


def _asked(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    query = shape(data=request.query_params)
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)
