"""How the tower's figures look in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class StepShape(serializers.Serializer[Any]):
    """One step in the life of an order; `quantity` in base units."""

    at = serializers.DateTimeField()
    step = serializers.CharField()
    text = serializers.CharField()
    quantity = serializers.IntegerField(allow_null=True)
    document_id = serializers.UUIDField()
    document_number = serializers.CharField()


class SpanInput(serializers.Serializer[Any]):
    """A span of time and a currency."""

    since = serializers.DateTimeField(help_text="orders placed from this moment on")
    until = serializers.DateTimeField(help_text="and before this one")
    currency = serializers.RegexField(r"^[A-Z]{3}$", default="CNY", help_text="ISO 4217")


def _amount() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=24, decimal_places=3)


def _rate() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=24, decimal_places=4)


class ValueShape(serializers.Serializer[Any]):
    """What circulation cost, what pooling saved and who got the saving; shares sum to the saving."""

    currency = serializers.CharField()
    dealers = serializers.IntegerField()
    orders = serializers.IntegerField()
    lines = serializers.IntegerField()
    ordered_quantity = serializers.IntegerField()
    delivered_quantity = serializers.IntegerField()
    ordered_amount = _amount()
    freight_amount = _amount()
    freight_per_unit = _rate()
    baseline = _amount()
    pooled = _amount()
    saving = _amount()
    dealer_share = _amount()
    platform_share = _amount()
    factory_share = _amount()
    shared_costs = _amount()
    saved_after_costs = _amount()
    fill_rate = _rate()
    on_time_in_full = _rate()
    cycle_time_s = serializers.IntegerField()
