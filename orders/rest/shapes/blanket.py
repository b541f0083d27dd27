"""Blanket orders and their releases."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orders.policies.blanket import WHOLE_BP
from orders.rest.shapes import fields


class WantedInput(serializers.Serializer[Any]):
    """A line to agree on; `supplier` is the code of the factory that makes it, the usual source when empty."""

    sku = serializers.CharField(max_length=40)
    quantity = fields.quantity(min_value=1)
    unit_price = fields.unit_price(min_value=0)
    supplier = fields.text(24)


class BlanketInput(serializers.Serializer[Any]):
    """A blanket order with a dealer (it takes the goods from us) or with a factory (it makes them for us)."""

    party = serializers.CharField(max_length=24, help_text="code of the dealer or the factory")
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(help_text="the last day on which a release is taken")
    tolerance_bp = serializers.IntegerField(min_value=0, max_value=WHOLE_BP, default=0)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, allow_blank=True, default="")
    ship_to = fields.text(32)
    external_reference = fields.text()
    note = fields.text(500)
    lines = serializers.ListField(child=WantedInput(), allow_empty=False, max_length=2_000)


class StandingShape(serializers.Serializer[Any]):
    """What is left of a line: `left` may still be called off, tolerance included; `owed` is without it."""

    line_number = serializers.IntegerField(source="standing.line_number")
    sku = serializers.CharField(source="standing.sku")
    quantity = serializers.IntegerField(source="standing.agreed")
    unit_price = fields.unit_price()
    released = serializers.IntegerField(source="standing.released")
    left = serializers.IntegerField(source="standing.left")
    owed = serializers.IntegerField(source="standing.owed")


class BlanketShape(serializers.Serializer[Any]):
    """A blanket order; `dealer` and `factory` name the other party, one of them is null."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    dealer = serializers.CharField(source="dealer.code", default=None, allow_null=True)
    factory = serializers.CharField(source="factory.code", default=None, allow_null=True)
    currency = serializers.CharField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField()
    tolerance_bp = serializers.IntegerField()
    ship_to = serializers.CharField(source="ship_to_site.code", default=None, allow_null=True)
    external_reference = serializers.CharField()
    note = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class BlanketDetail(BlanketShape):
    """A blanket order with the statement of what is left."""

    lines = StandingShape(many=True, source="statement")


class ReleasedInput(serializers.Serializer[Any]):
    """How much of a line is called off."""

    line_number = serializers.IntegerField(min_value=1, max_value=10**6)
    quantity = fields.quantity(min_value=1)


class ReleaseInput(serializers.Serializer[Any]):
    """A call-off; each line is named once."""

    ship_to = fields.text(32, help_text="code of a site of yours; the blanket order's when empty")
    need_by_date = serializers.DateField(required=False, allow_null=True, default=None)
    external_reference = fields.text(help_text="your own id of the order; unique when given")
    lines = serializers.ListField(child=ReleasedInput(), allow_empty=False, max_length=2_000)

    def validate_lines(self, lines: list[dict[str, int]]) -> list[dict[str, int]]:
        """Refuse a line that is named twice."""
        if len({line["line_number"] for line in lines}) != len(lines):
            raise serializers.ValidationError("name each line once")
        return lines


class ReleasedShape(serializers.Serializer[Any]):
    """What was called off of a line."""

    line_number = serializers.IntegerField(source="blanket_line.line_number")
    sku = serializers.CharField(source="blanket_line.product.sku")
    quantity = serializers.IntegerField()


class ReleaseShape(serializers.Serializer[Any]):
    """A call-off and the order, or purchase order, it is."""

    release_number = serializers.IntegerField()
    order_id = serializers.UUIDField(allow_null=True)
    order = serializers.CharField(source="order.number", default=None, allow_null=True)
    order_status = serializers.CharField(source="order.status", default=None, allow_null=True)
    purchase_order_id = serializers.UUIDField(allow_null=True)
    purchase_order = serializers.CharField(source="purchase_order.number", default=None, allow_null=True)
    released_at = serializers.DateTimeField()
    released_by = serializers.CharField()
    lines = ReleasedShape(many=True, source="lines.all")
