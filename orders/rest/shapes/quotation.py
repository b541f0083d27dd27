"""Requests for quotation, quotations, how they compare, and awards."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orders.policies.blanket import WHOLE_BP
from orders.rest.shapes import fields


class RequestedInput(serializers.Serializer[Any]):
    """Goods to quote for: a product by SKU, or a description."""

    sku = fields.text(40)
    description = fields.text(300)
    quantity = fields.quantity(min_value=1)
    need_by_date = serializers.DateField(required=False, allow_null=True, default=None)


class RequestInput(serializers.Serializer[Any]):
    """A request. The operator names `factories`, and the dealer's request it passes on as `source`."""

    title = serializers.CharField(max_length=120)
    note = fields.text(1000)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, allow_blank=True, default="")
    deadline_at = serializers.DateTimeField()
    ship_to = fields.text(32)
    factories = serializers.ListField(
        child=serializers.CharField(max_length=24), default=list, max_length=100
    )
    source = serializers.UUIDField(required=False, allow_null=True, default=None)
    lines = serializers.ListField(child=RequestedInput(), allow_empty=False, max_length=1_000)


class RequestedShape(serializers.Serializer[Any]):
    """Requested goods; `sku` is null for what the catalogue does not have."""

    line_number = serializers.IntegerField()
    sku = serializers.CharField(source="product.sku", default=None, allow_null=True)
    description = serializers.CharField()
    quantity = serializers.IntegerField()
    need_by_date = serializers.DateField(allow_null=True)


class RequestShape(serializers.Serializer[Any]):
    """A request for quotation; `dealer` is null for one of the platform to factories."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    dealer = serializers.CharField(source="dealer.code", default=None, allow_null=True)
    title = serializers.CharField()
    note = serializers.CharField()
    currency = serializers.CharField()
    deadline_at = serializers.DateTimeField()
    unsealed_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    lines = RequestedShape(many=True, source="lines.all")


class QuotedBreak(serializers.Serializer[Any]):
    """The price of a base unit from a quantity upwards."""

    min_quantity = fields.quantity(min_value=1)
    unit_price = fields.unit_price(min_value=0)


class OfferInput(serializers.Serializer[Any]):
    """An offer for a requested line; another SKU is an alternate. `supplier` is for the operator only."""

    line_number = serializers.IntegerField(min_value=1, max_value=10**6)
    sku = fields.text(40, help_text="the requested product when empty")
    breaks = serializers.ListField(child=QuotedBreak(), allow_empty=False, max_length=20)
    moq = fields.quantity(min_value=1, default=1)
    order_multiple = fields.quantity(min_value=1, default=1)
    lead_time_days = serializers.IntegerField(min_value=0, max_value=3650)
    note = fields.text(300)
    supplier = fields.text(24)


class QuotationInput(serializers.Serializer[Any]):
    """A quotation; a second one for the same request takes the place of the first."""

    request_id = serializers.UUIDField()
    valid_until = serializers.DateField()
    external_reference = fields.text()
    note = fields.text(1000)
    lines = serializers.ListField(child=OfferInput(), allow_empty=False, max_length=1_000)


class OfferShape(serializers.Serializer[Any]):
    """A quoted line and what it was awarded, if anything."""

    line_number = serializers.IntegerField()
    request_line_number = serializers.IntegerField(source="request_line.line_number")
    sku = serializers.CharField(source="product.sku")
    moq = serializers.IntegerField()
    order_multiple = serializers.IntegerField()
    lead_time_days = serializers.IntegerField()
    note = serializers.CharField()
    breaks = QuotedBreak(many=True, source="breaks.all")
    awarded_quantity = serializers.IntegerField()
    awarded_unit_price = fields.unit_price(allow_null=True)


class QuotationShape(serializers.Serializer[Any]):
    """A quotation of a factory to the platform, or of the platform to a dealer."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    request_id = serializers.UUIDField()
    request = serializers.CharField(source="request.number")
    factory = serializers.CharField(source="factory.code", default=None, allow_null=True)
    dealer = serializers.CharField(source="dealer.code", default=None, allow_null=True)
    currency = serializers.CharField()
    valid_until = serializers.DateField()
    external_reference = serializers.CharField()
    note = serializers.CharField()
    order_id = serializers.UUIDField(allow_null=True)
    blanket_order_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    lines = OfferShape(many=True, source="lines.all")


class TakenInput(serializers.Serializer[Any]):
    """How much of a quoted line is ordered."""

    line_number = serializers.IntegerField(min_value=1, max_value=10**6)
    quantity = fields.quantity(min_value=1)


class AcceptInput(serializers.Serializer[Any]):
    """What of a quotation is ordered; without lines all that was asked for."""

    ship_to = fields.text(32)
    external_reference = fields.text()
    lines = serializers.ListField(child=TakenInput(), default=list, max_length=1_000)


class AwardedInput(serializers.Serializer[Any]):
    """How much a quoted line wins."""

    quotation_id = serializers.UUIDField()
    line_number = serializers.IntegerField(min_value=1, max_value=10**6)
    quantity = fields.quantity(min_value=1)


class AwardInput(serializers.Serializer[Any]):
    """A decision by line. As `source` the winners' terms hold from today; as `blanket` each gets a blanket order."""

    becomes = serializers.ChoiceField(["source", "blanket"], default="source")
    valid_to = serializers.DateField(required=False, allow_null=True, default=None)
    tolerance_bp = serializers.IntegerField(min_value=0, max_value=WHOLE_BP, default=0)
    lines = serializers.ListField(child=AwardedInput(), allow_empty=False, max_length=1_000)


class RankedShape(serializers.Serializer[Any]):
    """An offer for a requested line: what would be bought to cover it, and what that costs."""

    quotation_id = serializers.UUIDField()
    factory = serializers.CharField(allow_null=True)
    line_number = serializers.IntegerField(help_text="of the quotation")
    sku = serializers.CharField()
    is_alternate = serializers.BooleanField()
    quantity = serializers.IntegerField()
    unit_price = fields.unit_price()
    cost = fields.unit_price()
    lead_time_days = serializers.IntegerField()


class ComparedLineShape(serializers.Serializer[Any]):
    """The offers for a requested line, cheapest first."""

    line_number = serializers.IntegerField()
    offers = RankedShape(many=True)


class ScenarioShape(serializers.Serializer[Any]):
    """A way to buy all lines: best price by line, fastest by line, or one factory alone; `missing` lines are open."""

    name = serializers.CharField()
    factory = serializers.CharField(allow_null=True)
    cost = fields.unit_price()
    lead_time_days = serializers.IntegerField()
    missing = serializers.ListField(child=serializers.IntegerField())


class ComparisonShape(serializers.Serializer[Any]):
    """How the unsealed quotations of a request compare."""

    currency = serializers.CharField()
    lines = ComparedLineShape(many=True)
    scenarios = ScenarioShape(many=True)
