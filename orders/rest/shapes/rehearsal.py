"""What was rehearsed, and why a signal asks for what it asks."""

from __future__ import annotations

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orders.models import Rehearsal
from orders.policies.rehearsal import comparison


class OutcomeShape(serializers.Serializer[Any]):
    """What a rule came to: part of demand given on its day, stock in days of demand, variance of weekly orders."""

    rule = serializers.CharField()
    service = serializers.FloatField()
    stock_days = serializers.FloatField()
    bullwhip = serializers.FloatField()
    weekly_demand = serializers.ListField(child=serializers.IntegerField())
    weekly_orders = serializers.ListField(child=serializers.IntegerField())


class RehearsalShape(serializers.Serializer[Any]):
    """A market played by several rules, or past demand played again; `facts_hash` names the demand."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    factory = serializers.CharField(source="factory.code", default=None, allow_null=True)
    days = serializers.IntegerField()
    settings = serializers.SerializerMethodField()
    outcomes = serializers.SerializerMethodField()
    facts_hash = serializers.CharField()
    created_at = serializers.DateTimeField()

    @extend_schema_field(serializers.DictField())
    def get_settings(self, made: Rehearsal) -> dict[str, Any]:
        """Return what it was played with."""
        found: dict[str, Any] = json.loads(made.settings)
        return found

    @extend_schema_field(OutcomeShape(many=True))
    def get_outcomes(self, made: Rehearsal) -> Any:
        """Return what each rule came to."""
        told = ({"rule": name, **vars_of(one)} for name, one in comparison.read(made.outcomes).items())
        return OutcomeShape(told, many=True).data


def vars_of(outcome: comparison.Outcome) -> dict[str, Any]:
    """Return the figures of an outcome that are shown."""
    names = ("service", "stock_days", "bullwhip", "weekly_demand", "weekly_orders")
    return {name: getattr(outcome, name) for name in names}


class RehearsalInput(serializers.Serializer[Any]):
    """A factory whose buffers are played again over so many days, and what of their profiles is to be different."""

    factory = serializers.CharField()
    days = serializers.IntegerField(default=180)
    lead_time_factor = serializers.DecimalField(7, 4, required=False, min_value=0)
    variability_factor = serializers.DecimalField(7, 4, required=False, min_value=0)
    order_cycle_days = serializers.IntegerField(required=False, min_value=1)


class SignalReasonLine(serializers.Serializer[Any]):
    """What went into a line, what comes of it again, and whether that is what was told."""

    line_number = serializers.IntegerField()
    inputs = serializers.DictField()
    result = serializers.DictField(child=serializers.IntegerField())
    is_same = serializers.BooleanField()


class SignalReasonsShape(serializers.Serializer[Any]):
    """Why each line of a signal asks for what it asks."""

    lines = SignalReasonLine(many=True)
