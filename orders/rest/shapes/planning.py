"""How buffers, forecasts, exceptions, weeks and promises are shown."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orders.policies import buffer as policy
from orders.rest.shapes import fields


class BufferShape(serializers.Serializer[Any]):
    """A buffer as its last plan found it; all quantities in base units."""

    sku = serializers.CharField(source="buffer.product.sku")
    factory = serializers.CharField(source="buffer.factory.code")
    planned_on = serializers.DateField(source="run.as_of_date")
    daily_usage = serializers.DecimalField(max_digits=24, decimal_places=4, coerce_to_string=True)
    top_of_red = serializers.IntegerField()
    top_of_yellow = serializers.IntegerField()
    top_of_green = serializers.IntegerField()
    on_hand = serializers.IntegerField()
    on_order = serializers.IntegerField()
    qualified_demand = serializers.IntegerField()
    net_flow = serializers.IntegerField()
    shortfall = serializers.IntegerField()
    colour = serializers.SerializerMethodField()

    def get_colour(self, shot: Any) -> str:
        """How it stands with what is on hand."""
        return policy.colour(
            policy.Zones(shot.red_base, shot.red_safety, shot.yellow, shot.green), shot.on_hand
        )


class ExceptionShape(serializers.Serializer[Any]):
    """What a plan would change of what a factory committed to."""

    id = serializers.IntegerField()
    planned_on = serializers.DateField(source="run.as_of_date")
    factory = serializers.CharField(source="run.factory.code")
    sku = serializers.CharField(source="product.sku")
    kind = serializers.CharField()
    quantity = serializers.IntegerField()
    signal = serializers.CharField(source="line.signal.number", default=None, allow_null=True)


class ConsumptionShape(serializers.Serializer[Any]):
    """What an order took of the forecast; `week_start_date` is null for what it asks beyond all forecast in reach."""

    id = serializers.IntegerField()
    planned_on = serializers.DateField(source="run.as_of_date")
    sku = serializers.CharField(source="order_line.product.sku")
    order = serializers.CharField(source="order_line.order.number")
    line_number = serializers.IntegerField(source="order_line.line_number")
    asked_week_date = serializers.DateField()
    week_start_date = serializers.DateField(allow_null=True)
    quantity = serializers.IntegerField()


class ForecastShape(serializers.Serializer[Any]):
    """The weeks ahead of a product in a region, and how good the method was over the lead time."""

    first_week_date = serializers.DateField(source="run.first_week_date")
    sku = serializers.CharField(source="product.sku")
    region = serializers.CharField()
    kind = serializers.CharField()
    method = serializers.CharField()
    mean = serializers.ListField(child=serializers.DecimalField(max_digits=18, decimal_places=3))
    p10 = serializers.ListField(child=serializers.DecimalField(max_digits=18, decimal_places=3))
    p50 = serializers.ListField(child=serializers.DecimalField(max_digits=18, decimal_places=3))
    p90 = serializers.ListField(child=serializers.DecimalField(max_digits=18, decimal_places=3))
    lead_weeks = serializers.IntegerField()
    lead_low = serializers.IntegerField()
    lead_high = serializers.IntegerField()
    value_added = serializers.DecimalField(max_digits=18, decimal_places=4)
    bias = serializers.DecimalField(max_digits=18, decimal_places=4)
    tracking_signal = serializers.DecimalField(max_digits=18, decimal_places=4)


class SignalWeekShape(serializers.Serializer[Any]):
    """A product in one week: what signals ask for, how much is firm or committed, and what can be made."""

    sku = serializers.CharField()
    week_start_date = serializers.DateField()
    asked = serializers.IntegerField()
    firm = serializers.IntegerField()
    committed = serializers.IntegerField()
    weekly_capacity = serializers.IntegerField(allow_null=True)
    over = serializers.IntegerField()
    answer_by = serializers.DateTimeField(allow_null=True)


class SignalWeeksShape(serializers.Serializer[Any]):
    """All weeks of a factory."""

    weeks = SignalWeekShape(many=True)


class PromiseInput(serializers.Serializer[Any]):
    """What somebody wants to know: can it be had by then?"""

    sku = serializers.CharField(max_length=40)
    quantity = fields.quantity()
    need_by_date = serializers.DateField()
    hold = serializers.BooleanField(default=False, help_text="promise it for half an hour; dealers only")


class PromiseShape(serializers.Serializer[Any]):
    """By when it can be had; `by_date` null: not within a year."""

    quantity = serializers.IntegerField()
    available = serializers.IntegerField(help_text="of it from what is there or comes by the day")
    by_date = serializers.DateField(allow_null=True)
    holds_until = serializers.DateTimeField(source="promise.expires_at", default=None, allow_null=True)


class SignalProgressInput(serializers.Serializer[Any]):
    """What the factory tells of a signal it committed to."""

    verb = serializers.ChoiceField(["produce", "ship"])


class LagShape(serializers.Serializer[Any]):
    """Forecasts made so many weeks before: what they missed, and their bias, as parts of what was asked for."""

    weeks = serializers.IntegerField()
    missed = serializers.FloatField()
    bias = serializers.FloatField()


class ScorecardShape(serializers.Serializer[Any]):
    """The signals to a factory in figures; null where nothing is known yet."""

    since = serializers.DateField()
    accuracy = LagShape(many=True)
    churn = serializers.FloatField(allow_null=True, help_text="part told otherwise later, inside the fences")
    bullwhip = serializers.FloatField(allow_null=True, help_text="variance of orders over that of demand")
    answered = serializers.IntegerField()
    committed = serializers.IntegerField()
    response_hours = serializers.FloatField(allow_null=True)
