"""What the lists of the warehouse can be filtered by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from warehousing.models import (
    CycleCount,
    Inspection,
    Package,
    PutawayTask,
    Quant,
    Receipt,
    ReturnReceipt,
    StockLedgerEntry,
    Wave,
)


class ReceiptFilter(filters.FilterSet):
    """By state, warehouse and purchase order."""

    warehouse = filters.CharFilter(field_name="warehouse__code", max_length=32)

    class Meta:
        model = Receipt
        fields = ("status", "purchase_order_id", "despatch_advice_id")


class StockFilter(filters.FilterSet):
    """By product, place and lot."""

    sku = filters.CharFilter(field_name="product__sku", max_length=40)
    warehouse = filters.CharFilter(field_name="location__warehouse__code", max_length=32)
    location = filters.CharFilter(field_name="location__code", max_length=32)
    location_kind = filters.CharFilter(field_name="location__kind", max_length=10)
    lot_number = filters.CharFilter(field_name="lot__number", max_length=40)

    class Meta:
        model = Quant
        fields = ()


class MovementFilter(StockFilter):
    """By product, place, lot, document and time."""

    effective_after = filters.IsoDateTimeFilter(field_name="effective_at", lookup_expr="gte")
    effective_before = filters.IsoDateTimeFilter(field_name="effective_at", lookup_expr="lt")

    class Meta:
        model = StockLedgerEntry
        fields = ("movement", "document_type", "document_id")


class CountFilter(filters.FilterSet):
    """By state and warehouse."""

    warehouse = filters.CharFilter(field_name="warehouse__code", max_length=32)

    class Meta:
        model = CycleCount
        fields = ("status",)


class WaveFilter(filters.FilterSet):
    """By state and warehouse."""

    warehouse = filters.CharFilter(field_name="warehouse__code", max_length=32)

    class Meta:
        model = Wave
        fields = ("status",)


class PackageFilter(filters.FilterSet):
    """By state, shipment, order and place of delivery."""

    ship_to = filters.CharFilter(field_name="ship_to_site__code", max_length=32)
    order_id = filters.UUIDFilter(field_name="lines__demand__order_id", distinct=True)

    class Meta:
        model = Package
        fields = ("status", "shipment_id")


class ReturnReceiptFilter(filters.FilterSet):
    """By status, warehouse, or the number of the return or shipment."""

    warehouse = filters.CharFilter(field_name="warehouse__code", max_length=32)

    class Meta:
        model = ReturnReceipt
        fields = ("status", "warehouse", "source_number")


class InspectionFilter(filters.FilterSet):
    """By status, warehouse and receipt."""

    warehouse = filters.CharFilter(field_name="warehouse__code", max_length=32)

    class Meta:
        model = Inspection
        fields = ("status", "receipt_id")


class PutawayTaskFilter(filters.FilterSet):
    """By status, kind and warehouse."""

    warehouse = filters.CharFilter(field_name="warehouse__code", max_length=32)

    class Meta:
        model = PutawayTask
        fields = ("status", "kind")
