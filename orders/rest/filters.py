"""What the lists of orders can be filtered by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from orders.models import DespatchAdvice, Order, OrderCycle, ProductionSignal, PurchaseOrder


class OrderFilter(filters.FilterSet):
    """By status, number, own reference, or the moment it was placed."""

    placed_after = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    placed_before = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Order
        fields = ("status", "number", "external_reference", "placed_after", "placed_before")


class CycleFilter(filters.FilterSet):
    """By status or factory."""

    factory = filters.CharFilter(field_name="factory__code", max_length=24)

    class Meta:
        model = OrderCycle
        fields = ("status", "factory")


class PurchaseOrderFilter(filters.FilterSet):
    """By status or number."""

    class Meta:
        model = PurchaseOrder
        fields = ("status", "number")


class DespatchFilter(filters.FilterSet):
    """By status, own reference or purchase order."""

    class Meta:
        model = DespatchAdvice
        fields = ("status", "external_reference", "purchase_order")


class SignalFilter(filters.FilterSet):
    """By status; `after` is the id of the last signal a factory has read."""

    after = filters.UUIDFilter(field_name="pk", lookup_expr="gt")

    class Meta:
        model = ProductionSignal
        fields = ("status", "after")
