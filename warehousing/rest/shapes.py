"""How receipts, stock, waves and packages look in the API; quantities in base units."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from warehousing.models import PickMethod, StockStatus

MOST = 10**12


class ReceiptShape(serializers.Serializer[Any]):
    """A receipt as lists show it."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    warehouse = serializers.CharField(source="warehouse.code")
    factory = serializers.CharField(source="factory.code")
    purchase_order_id = serializers.UUIDField()
    purchase_order_number = serializers.CharField()
    despatch_advice_id = serializers.UUIDField()
    despatch_advice_number = serializers.CharField()
    expected_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField(allow_null=True)


class ReceiptLineShape(serializers.Serializer[Any]):
    """A line of a receipt; counted quantities are null until it is received."""

    line_number = serializers.IntegerField()
    sku = serializers.CharField(source="product.sku")
    lot_number = serializers.CharField()
    expiry_date = serializers.DateField(allow_null=True)
    sscc = serializers.CharField()
    expected_quantity = serializers.IntegerField()
    accepted_quantity = serializers.IntegerField(allow_null=True)
    rejected_quantity = serializers.IntegerField(allow_null=True)
    rejection_reason = serializers.CharField()


class ReceiptDetail(ReceiptShape):
    """A receipt with its lines."""

    lines = ReceiptLineShape(many=True)


class CountInput(serializers.Serializer[Any]):
    """What was found of one line; lot and expiry only where they differ from the advice."""

    line_number = serializers.IntegerField(min_value=1, max_value=MOST)
    accepted_quantity = serializers.IntegerField(min_value=0, max_value=MOST)
    rejected_quantity = serializers.IntegerField(min_value=0, max_value=MOST, default=0)
    lot_number = serializers.CharField(max_length=40, allow_blank=True, default="")
    expiry_date = serializers.DateField(allow_null=True, default=None)
    rejection_reason = serializers.CharField(max_length=200, allow_blank=True, default="")


class ReceiveInput(serializers.Serializer[Any]):
    """The count of every line; without `lines` everything arrived as advised."""

    lines = CountInput(many=True, required=False, allow_empty=False)


class StockShape(serializers.Serializer[Any]):
    """What stands at one place, and how much of it is free."""

    warehouse = serializers.CharField(source="location.warehouse.code")
    location = serializers.CharField(source="location.code")
    location_kind = serializers.CharField(source="location.kind")
    owner = serializers.CharField(source="owner.code", default=None, allow_null=True)
    sku = serializers.CharField(source="product.sku")
    lot_number = serializers.CharField(source="lot.number", default=None, allow_null=True)
    lot_status = serializers.CharField(source="lot.status", default=None, allow_null=True)
    expiry_date = serializers.DateField(source="lot.expiry_date", default=None, allow_null=True)
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    free = serializers.IntegerField()
    since_at = serializers.DateTimeField()


class MovementShape(serializers.Serializer[Any]):
    """One leg of a movement in the stock ledger; the legs of a movement sum to zero."""

    movement = serializers.UUIDField()
    warehouse = serializers.CharField(source="location.warehouse.code")
    location = serializers.CharField(source="location.code")
    location_kind = serializers.CharField(source="location.kind")
    owner = serializers.CharField(source="owner.code", default=None, allow_null=True)
    sku = serializers.CharField(source="product.sku")
    lot_number = serializers.CharField(source="lot.number", default=None, allow_null=True)
    quantity = serializers.IntegerField()
    effective_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    document_type = serializers.CharField()
    document_id = serializers.UUIDField()
    reason = serializers.CharField()
    reverses = serializers.UUIDField(allow_null=True)


class AdjustInput(serializers.Serializer[Any]):
    """What was counted at a place, and why it differs from the books.

    Goods are the platform's, loose and available unless `owner` (code of an organisation), `sscc` or `stock_status`
    says otherwise.
    """

    warehouse = serializers.CharField(max_length=32)
    location = serializers.CharField(max_length=32)
    sku = serializers.CharField(max_length=40)
    lot_number = serializers.CharField(max_length=40, allow_blank=True, default="")
    sscc = serializers.CharField(max_length=18, allow_blank=True, default="")
    owner = serializers.CharField(max_length=24, allow_blank=True, default="")
    stock_status = serializers.ChoiceField(StockStatus.choices, default=StockStatus.AVAILABLE)
    counted = serializers.IntegerField(min_value=0, max_value=MOST)
    reason = serializers.CharField(max_length=200)


class AdjustShape(serializers.Serializer[Any]):
    """By how much the books were wrong; BOOKED, or HELD until somebody else approves line 1 of the count."""

    count_id = serializers.UUIDField(source="cycle_count_id")
    status = serializers.CharField()
    difference = serializers.IntegerField(source="variance")


class WaveShape(serializers.Serializer[Any]):
    """A wave of picking."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    warehouse = serializers.CharField(source="warehouse.code")
    method = serializers.CharField()
    route = serializers.CharField()
    carrier = serializers.CharField(source="carrier.code", default=None, allow_null=True)
    cut_off_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class TaskShape(serializers.Serializer[Any]):
    """One pick, in the order of the walk."""

    task_number = serializers.IntegerField()
    status = serializers.CharField()
    sku = serializers.CharField(source="product.sku")
    lot_number = serializers.CharField(source="lot.number", default=None, allow_null=True)
    source = serializers.CharField(source="source.code")
    destination = serializers.CharField(source="destination.code")
    quantity = serializers.IntegerField()
    picked_quantity = serializers.IntegerField()


class WaveDetail(WaveShape):
    """A wave with its tasks."""

    tasks = TaskShape(many=True)


class WaveInput(serializers.Serializer[Any]):
    """The warehouse to release work in; `until` leaves out what is needed later than that day.

    Zones, regions and ship-to sites make a route of it; route, carrier and cut-off are told to dispatch.
    """

    warehouse = serializers.CharField(max_length=32)
    until = serializers.DateField(allow_null=True, default=None)
    method = serializers.ChoiceField(PickMethod.choices, default=PickMethod.BATCH)
    zones = serializers.ListField(child=serializers.CharField(max_length=32), default=list, max_length=100)
    regions = serializers.ListField(child=serializers.CharField(max_length=40), default=list, max_length=100)
    ship_to = serializers.ListField(child=serializers.CharField(max_length=32), default=list, max_length=1000)
    route = serializers.CharField(max_length=40, allow_blank=True, default="")
    carrier = serializers.CharField(max_length=24, allow_blank=True, default="")
    cut_off_at = serializers.DateTimeField(allow_null=True, default=None)
    list_size = serializers.IntegerField(min_value=1, max_value=1000, default=40)
    orders_per_list = serializers.IntegerField(min_value=1, max_value=100, default=8)


class PickedInput(serializers.Serializer[Any]):
    """What was picked of one task."""

    task_number = serializers.IntegerField(min_value=1, max_value=MOST)
    picked_quantity = serializers.IntegerField(min_value=0, max_value=MOST)


class PickInput(serializers.Serializer[Any]):
    """The tasks that are done; without `tasks` every open one was picked in full."""

    tasks = PickedInput(many=True, required=False, allow_empty=False)


class PackageLineShape(serializers.Serializer[Any]):
    """What a package holds of one order line."""

    line_number = serializers.IntegerField()
    order_id = serializers.UUIDField(source="demand.order_id")
    sku = serializers.CharField(source="product.sku")
    lot_number = serializers.CharField(source="lot.number", default=None, allow_null=True)
    expiry_date = serializers.DateField(source="lot.expiry_date", default=None, allow_null=True)
    quantity = serializers.IntegerField()


class PackageShape(serializers.Serializer[Any]):
    """A labelled package and what is in it."""

    id = serializers.UUIDField()
    sscc = serializers.CharField()
    status = serializers.CharField()
    warehouse = serializers.CharField(source="warehouse.code")
    dealer = serializers.CharField(source="dealer.code")
    ship_to = serializers.CharField(source="ship_to_site.code")
    weight_g = serializers.IntegerField()
    volume_cm3 = serializers.IntegerField()
    is_weighed = serializers.BooleanField()
    length_mm = serializers.IntegerField(allow_null=True)
    width_mm = serializers.IntegerField(allow_null=True)
    height_mm = serializers.IntegerField(allow_null=True)
    need_by_date = serializers.DateField(allow_null=True)
    shipment_id = serializers.UUIDField(allow_null=True)
    departed_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    is_blocked = serializers.SerializerMethodField()
    lines = PackageLineShape(many=True)

    def get_is_blocked(self, package: Any) -> bool:
        """Tell whether it holds a lot that was recalled or quarantined, and must not leave."""
        return any(line.lot is not None and line.lot.status != "RELEASED" for line in package.lines.all())


class PackedShape(serializers.Serializer[Any]):
    """The packages a wave was packed into."""

    packages = PackageShape(many=True)
