"""What lists can be filtered by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from logistics.models import RoutePlan, Shipment, Trip, Vehicle


class ShipmentFilter(filters.FilterSet):
    """By status, number, drop point or warehouse."""

    ship_to = filters.CharFilter(field_name="ship_to_code", max_length=32)
    warehouse = filters.CharFilter(field_name="warehouse_site__code", max_length=32)

    class Meta:
        model = Shipment
        fields = ("status", "number")


class TripFilter(filters.FilterSet):
    """By status, number, vehicle or warehouse."""

    vehicle = filters.CharFilter(field_name="vehicle__code", max_length=24)
    warehouse = filters.CharFilter(field_name="warehouse_site__code", max_length=32)

    class Meta:
        model = Trip
        fields = ("status", "number")


class VehicleFilter(filters.FilterSet):
    """By code."""

    class Meta:
        model = Vehicle
        fields = ("code", "is_active")


class RoutePlanFilter(filters.FilterSet):
    """By status, number, day or warehouse."""

    warehouse = filters.CharFilter(field_name="warehouse_site__code", max_length=32)

    class Meta:
        model = RoutePlan
        fields = ("status", "number", "day")
