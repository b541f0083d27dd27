"""How rounds of counting look in the API; quantities in base units."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from warehousing.models import StockStatus
from warehousing.rest.shapes import MOST
from warehousing.states import COUNT_LINE_SETTLED


class CountShape(serializers.Serializer[Any]):
    """A round as lists show it."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    warehouse = serializers.CharField(source="warehouse.code")
    tolerance_percent = serializers.IntegerField()
    approval_units = serializers.IntegerField()
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class CountLineShape(serializers.Serializer[Any]):
    """A line; what the books expect is told only once nobody is to count it again."""

    line_number = serializers.IntegerField()
    status = serializers.CharField()
    location = serializers.CharField(source="location.code")
    sku = serializers.CharField(source="product.sku")
    lot_number = serializers.CharField(source="lot.number", default=None, allow_null=True)
    sscc = serializers.CharField(source="handling_unit.sscc", default=None, allow_null=True)
    owner = serializers.CharField(source="owner.code", default=None, allow_null=True)
    stock_status = serializers.CharField()
    attempts = serializers.IntegerField()
    expected_quantity = serializers.SerializerMethodField()
    counted_quantity = serializers.SerializerMethodField()
    variance = serializers.SerializerMethodField()
    counted_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()

    def get_expected_quantity(self, line: Any) -> int | None:
        """Show the books once the count stands."""
        return line.expected_quantity if line.status in COUNT_LINE_SETTLED else None

    def get_counted_quantity(self, line: Any) -> int | None:
        """Show what was found once the count stands."""
        return line.counted_quantity if line.status in COUNT_LINE_SETTLED else None

    def get_variance(self, line: Any) -> int | None:
        """Show the difference once the count stands."""
        return line.variance if line.status in COUNT_LINE_SETTLED else None


class CountDetail(CountShape):
    """A round with its lines in walking order."""

    lines = CountLineShape(many=True)


class OpenCountInput(serializers.Serializer[Any]):
    """Where to count; without `locations` every place that holds something."""

    warehouse = serializers.CharField(max_length=32)
    locations = serializers.ListField(
        child=serializers.CharField(max_length=32), required=False, allow_empty=False, max_length=10_000
    )


class FoundInput(serializers.Serializer[Any]):
    """What was found at a place; goods by SKU or GTIN, `counted_at` when it was counted before it is told.

    Lot, unit, owner (code of an organisation) and stock status may be left out where the round expects one alone. A
    count with the same `counted_at` by the same person is taken down once.
    """

    location = serializers.CharField(max_length=32)
    goods = serializers.CharField(max_length=40)
    lot_number = serializers.CharField(max_length=40, allow_blank=True, default="")
    sscc = serializers.CharField(max_length=18, allow_blank=True, default="")
    owner = serializers.CharField(max_length=24, allow_blank=True, default="")
    stock_status = serializers.ChoiceField(choices=StockStatus.choices, allow_blank=True, default="")
    counted = serializers.IntegerField(min_value=0, max_value=MOST)
    counted_at = serializers.DateTimeField(allow_null=True, default=None)


class CountDecisionInput(serializers.Serializer[Any]):
    """Why a variance is believed or not."""

    reason = serializers.CharField(max_length=200)
