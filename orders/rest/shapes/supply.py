"""Cycles, purchase orders, responses, advices, signals and statements."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orders.rest.shapes import fields


class CycleShape(serializers.Serializer[Any]):
    """A window in which orders for a factory, or for a category of all factories, are pooled, and its rules.

    Needs whose dates lie within the same `window_days` are bought together; null pools all dates.
    """

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    factory = serializers.CharField(source="factory.code", default=None, allow_null=True)
    category = serializers.CharField()
    warehouse = serializers.CharField(source="warehouse_site.code")
    region = serializers.CharField()
    currency = serializers.CharField()
    opens_at = serializers.DateTimeField()
    boxfill_at = serializers.DateTimeField(allow_null=True)
    cutoff_at = serializers.DateTimeField()
    window_days = serializers.IntegerField(allow_null=True)
    policy = serializers.DictField()
    policy_hash = serializers.CharField()


class ProgressShape(serializers.Serializer[Any]):
    """How far the pool of a product is; `quantity`, `dealers`, `minimum`, `missing` are null but for the operator.

    `own_quantity` is exact. `unit_price` is sure and `units_to_next_break` at most what the next price lacks, by what
    was last told of the others' orders. `ceiling` says whether your highest price is reached, possible or not yet.
    `fills_pack` is what a started pack lacks, while packs are filled.
    """

    sku = serializers.CharField()
    name = serializers.CharField()
    own_quantity = serializers.IntegerField()
    percent_of_next_break = serializers.IntegerField(allow_null=True)
    units_to_next_break = serializers.IntegerField(allow_null=True)
    unit_price = fields.unit_price(allow_null=True)
    next_unit_price = fields.unit_price(allow_null=True)
    ceiling = serializers.ChoiceField(["reached", "possible", "not_yet"], allow_null=True)
    fills_pack = serializers.IntegerField(allow_null=True)
    quantity = serializers.IntegerField(allow_null=True)
    dealers = serializers.IntegerField(allow_null=True)
    minimum = serializers.IntegerField(allow_null=True)
    missing = serializers.IntegerField(allow_null=True)


class CycleProgressShape(serializers.Serializer[Any]):
    """The pool of every product the caller may know of, and when progress was last told; null: not yet."""

    told_at = serializers.DateTimeField(allow_null=True)
    products = ProgressShape(many=True)


class CloseInput(serializers.Serializer[Any]):
    """`early` closes before the cut-off."""

    early = serializers.BooleanField(default=False)


class PlacedShape(serializers.Serializer[Any]):
    """A purchase order that came of a cycle."""

    id = serializers.UUIDField()
    number = serializers.CharField()


class ClosedShape(serializers.Serializer[Any]):
    """The purchase orders a cycle became, one per factory; none when nothing was wanted."""

    purchase_orders = PlacedShape(many=True)


class ScheduleShape(serializers.Serializer[Any]):
    """A delivery of a purchase line, as asked for and as promised."""

    schedule_number = serializers.IntegerField()
    quantity = serializers.IntegerField()
    requested_date = serializers.DateField()
    confirmed_quantity = serializers.IntegerField(allow_null=True)
    promised_date = serializers.DateField(allow_null=True)
    unit_price = fields.unit_price(allow_null=True)
    response_code = serializers.CharField()
    response_version = serializers.IntegerField()


class PurchaseLineShape(serializers.Serializer[Any]):
    """A pooled line in base units; `response_version` 0 says that it is open."""

    line_number = serializers.IntegerField()
    sku = serializers.CharField(source="product.sku")
    quantity = serializers.IntegerField()
    unit_price = fields.unit_price()
    net_amount = fields.amount()
    requested_date = serializers.DateField()
    promised_date = serializers.DateField(allow_null=True)
    confirmed = serializers.IntegerField()
    despatched = serializers.IntegerField()
    received = serializers.IntegerField()
    rejected = serializers.IntegerField()
    response_code = serializers.CharField()
    response_version = serializers.IntegerField()
    schedules = ScheduleShape(many=True, source="schedule_lines.all")


class PurchaseOrderShape(serializers.Serializer[Any]):
    """A purchase order without its lines."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    factory = serializers.CharField(source="factory.code")
    warehouse = serializers.CharField(source="warehouse_site.code")
    currency = serializers.CharField()
    total_net = fields.amount()
    response_version = serializers.IntegerField()
    respond_by_at = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    reminders = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class PurchaseOrderDetail(PurchaseOrderShape):
    """A purchase order with its lines."""

    lines = PurchaseLineShape(many=True, source="lines.all")


class DespatchLineInput(serializers.Serializer[Any]):
    """Goods of one purchase line in the truck."""

    line_number = serializers.IntegerField(min_value=1, max_value=10**6)
    quantity = fields.quantity(min_value=1)
    lot_number = fields.text(40)
    expiry_date = serializers.DateField(required=False, allow_null=True, default=None)
    sscc = serializers.RegexField(r"^(\d{18})?$", required=False, allow_blank=True, default="")


class DespatchUnitInput(serializers.Serializer[Any]):
    """A carton or pallet by its SSCC, and the one it stands on or in."""

    sscc = serializers.RegexField(r"^\d{18}$")
    parent_sscc = serializers.RegexField(r"^(\d{18})?$", required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(["CARTON", "PALLET", "CAGE", "TOTE", "OTHER"], default="CARTON")


class DespatchInput(serializers.Serializer[Any]):
    """A despatch advice; the same external reference again gives the first one back."""

    purchase_order_id = serializers.UUIDField()
    expected_at = serializers.DateTimeField()
    external_reference = fields.text()
    lines = DespatchLineInput(many=True, allow_empty=False)
    units = DespatchUnitInput(many=True, required=False, default=list)


class DespatchLineShape(serializers.Serializer[Any]):
    """A line of an advice."""

    line_number = serializers.IntegerField()
    purchase_line_number = serializers.IntegerField(source="purchase_order_line.line_number")
    sku = serializers.CharField(source="purchase_order_line.product.sku")
    quantity = serializers.IntegerField()
    lot_number = serializers.CharField()
    expiry_date = serializers.DateField(allow_null=True)
    sscc = serializers.CharField()


class DespatchShape(serializers.Serializer[Any]):
    """A despatch advice."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    factory = serializers.CharField(source="factory.code")
    purchase_order = serializers.CharField(source="purchase_order.number")
    external_reference = serializers.CharField()
    expected_at = serializers.DateTimeField()
    lines = DespatchLineShape(many=True, source="lines.all")


class SignalLineShape(serializers.Serializer[Any]):
    """A quantity wanted in the week of a Monday, and how binding it is.

    `ordered_quantity` of what was committed to is in a purchase order, `fulfilled_quantity` has come.
    """

    line_number = serializers.IntegerField()
    sku = serializers.CharField(source="product.sku")
    week_start_date = serializers.DateField()
    quantity = serializers.IntegerField()
    committed_quantity = serializers.IntegerField(allow_null=True)
    ordered_quantity = serializers.IntegerField()
    fulfilled_quantity = serializers.IntegerField()
    commitment = serializers.CharField()


class SignalShape(serializers.Serializer[Any]):
    """A production signal."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    factory = serializers.CharField(source="factory.code")
    created_at = serializers.DateTimeField()
    lines = SignalLineShape(many=True, source="lines.all")


class CommitmentInput(serializers.Serializer[Any]):
    """What the factory commits to for a line."""

    line_number = serializers.IntegerField(min_value=1, max_value=10**6)
    quantity = fields.quantity()


class SignalAnswerInput(serializers.Serializer[Any]):
    """An answer; without lines it only says that the signal was read."""

    reason = fields.text(500)
    lines = CommitmentInput(many=True, default=list)


class ChargesShape(serializers.Serializer[Any]):
    """What of freight, duty, fees and warehousing falls on the goods, and what the dealer saved after that."""

    freight = fields.amount()
    duty = fields.amount()
    fee = fields.amount()
    storage = fields.amount()
    saved_after_costs = fields.amount()


class StatementLineShape(ChargesShape):
    """The saving on one product; the shares sum to baseline - pooled."""

    sku = serializers.CharField(source="product.sku")
    quantity = serializers.IntegerField()
    baseline = fields.amount()
    pooled = fields.amount()
    dealer_share = fields.amount()
    platform_share = fields.amount()
    factory_share = fields.amount()


class StatementShape(ChargesShape):
    """What pooling saved a dealer in a cycle, how it was shared (rule in basis points), and what costs leave of it.

    Of statements that restate one another the last holds: the one that nothing is `restated_by`.
    """

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    dealer = serializers.CharField(source="dealer.code")
    cycle = serializers.CharField(source="cycle.number")
    currency = serializers.CharField()
    created_at = serializers.DateTimeField()
    baseline = fields.amount()
    pooled = fields.amount()
    dealer_share = fields.amount()
    platform_share = fields.amount()
    factory_share = fields.amount()
    restates = serializers.CharField(source="restates.number", default=None, allow_null=True)
    restated_by = serializers.CharField(source="restated_by.number", default=None, allow_null=True)
    sharing = serializers.DictField(
        source="cycle.policy.sharing", child=serializers.IntegerField(), default=dict
    )
    lines = StatementLineShape(many=True, source="lines.all")
