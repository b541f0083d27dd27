"""What callers get."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from b2b.core.actor import CARRIER
from logistics.policies.screening import REASONS


class ShipmentShape(serializers.Serializer[Any]):
    """A shipment; freight is null for carriers, because what a dealer pays is none of their business."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    tracking_status = serializers.CharField()
    tracked_at = serializers.DateTimeField(allow_null=True)
    dealer = serializers.CharField(source="dealer.code")
    carrier = serializers.CharField(source="carrier.code", allow_null=True, default=None)
    warehouse = serializers.CharField(source="warehouse_site.code")
    ship_to = serializers.CharField(source="ship_to_code")
    ship_to_name = serializers.CharField()
    ship_to_address = serializers.CharField()
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6)
    opens = serializers.TimeField()
    closes = serializers.TimeField()
    time_zone = serializers.CharField()
    need_by_date = serializers.DateField(allow_null=True)
    weight_g = serializers.IntegerField()
    volume_cm3 = serializers.IntegerField()
    pallets = serializers.IntegerField()
    planned_arrival_at = serializers.DateTimeField(allow_null=True)
    departed_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    attempts = serializers.IntegerField()
    currency = serializers.CharField(allow_null=True)
    freight_amount = serializers.DecimalField(max_digits=18, decimal_places=3, allow_null=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Leave prices out for carriers."""
        shown = super().to_representation(instance)
        view = self.context.get("view")
        if view is not None and view.actor.kind == CARRIER:
            shown.update({name: None for name in ("currency", "freight_amount") if name in shown})
        return shown


class CarriedPackage(serializers.Serializer[Any]):
    """A labelled handling unit."""

    id = serializers.UUIDField(source="package_id")
    sscc = serializers.CharField()
    weight_g = serializers.IntegerField()
    volume_cm3 = serializers.IntegerField()
    pallet_sscc = serializers.CharField()


class ShipmentLineShape(serializers.Serializer[Any]):
    """What is in it of one order line."""

    line_number = serializers.IntegerField()
    order_id = serializers.UUIDField()
    sku = serializers.CharField(source="product.sku")
    quantity = serializers.IntegerField()


class ShipmentDetail(ShipmentShape):
    """A shipment with what is in it."""

    packages = CarriedPackage(many=True)
    lines = ShipmentLineShape(many=True)


class TrackingShape(serializers.Serializer[Any]):
    """A tracking event."""

    source = serializers.CharField()
    source_event_id = serializers.CharField()
    kind = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)
    note = serializers.CharField()


class RecordedShape(serializers.Serializer[Any]):
    """How many events were new."""

    new = serializers.IntegerField()


class DropShape(serializers.Serializer[Any]):
    """A shipment at a stop."""

    shipment_id = serializers.UUIDField()
    number = serializers.CharField(source="shipment_number")
    weight_g = serializers.IntegerField()
    volume_cm3 = serializers.IntegerField()
    pallets = serializers.IntegerField()
    outcome = serializers.CharField()
    reason = serializers.CharField()


class StopShape(serializers.Serializer[Any]):
    """A place the trip calls at."""

    sequence = serializers.IntegerField()
    site = serializers.CharField(source="site_code")
    name = serializers.CharField(source="site_name")
    address = serializers.CharField()
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6)
    planned_arrival_at = serializers.DateTimeField()
    actual_arrival_at = serializers.DateTimeField(allow_null=True)
    left_at = serializers.DateTimeField(allow_null=True)
    is_locked = serializers.BooleanField()
    shipments = DropShape(source="drops.all", many=True)


class TripShape(serializers.Serializer[Any]):
    """A trip."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    carrier = serializers.CharField(source="carrier.code")
    vehicle = serializers.CharField(source="vehicle.code")
    driver = serializers.CharField(source="driver.code", allow_null=True, default=None)
    warehouse = serializers.CharField(source="warehouse_site.code")
    plan_version = serializers.IntegerField()
    departs_at = serializers.DateTimeField()
    returns_at = serializers.DateTimeField()
    departed_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    distance_m = serializers.IntegerField()
    empty_m = serializers.IntegerField()
    duration_s = serializers.IntegerField()
    weight_g = serializers.IntegerField()
    volume_cm3 = serializers.IntegerField()
    pallets = serializers.IntegerField()
    currency = serializers.CharField()
    cost = serializers.DecimalField(max_digits=18, decimal_places=3)


class TripDetail(TripShape):
    """A trip with its stops in order."""

    stops = StopShape(many=True)


class LeftOutShape(serializers.Serializer[Any]):
    """A shipment that no trip took, and why."""

    shipment_id = serializers.UUIDField()
    number = serializers.CharField()
    reason = serializers.ChoiceField(choices=list(REASONS))
    explanation = serializers.CharField()


class DispatchShape(serializers.Serializer[Any]):
    """The outcome of a planning run."""

    trips = TripShape(many=True)
    left_out = LeftOutShape(many=True)


class ProofLineShape(serializers.Serializer[Any]):
    """What was taken of a line."""

    line_number = serializers.IntegerField(source="shipment_line.line_number")
    accepted_quantity = serializers.IntegerField()
    short_quantity = serializers.IntegerField()
    reason = serializers.CharField()


class ProofShape(serializers.Serializer[Any]):
    """A proof of delivery, with its place in the chain of its trip."""

    id = serializers.UUIDField()
    shipment_id = serializers.UUIDField()
    capture_id = serializers.CharField()
    signer_name = serializers.CharField()
    signer_role = serializers.CharField()
    delivered_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)
    distance_m = serializers.IntegerField(allow_null=True)
    photo_sha256 = serializers.CharField()
    previous_hash = serializers.CharField()
    hash = serializers.CharField()
    lines = ProofLineShape(many=True)


class VehicleShape(serializers.Serializer[Any]):
    """A vehicle."""

    code = serializers.CharField()
    carrier = serializers.CharField(source="carrier.code")
    plate = serializers.CharField()
    warehouse = serializers.CharField(source="warehouse_site.code", allow_null=True, default=None)
    capacity_weight_g = serializers.IntegerField()
    capacity_volume_cm3 = serializers.IntegerField()
    capacity_pallets = serializers.IntegerField(allow_null=True)
    shift_start = serializers.TimeField()
    shift_end = serializers.TimeField()
    currency = serializers.CharField()
    cost_per_km = serializers.DecimalField(max_digits=18, decimal_places=3)
    cost_per_hour = serializers.DecimalField(max_digits=18, decimal_places=3)
    cost_per_trip = serializers.DecimalField(max_digits=18, decimal_places=3)
    break_from = serializers.TimeField(allow_null=True)
    break_until = serializers.TimeField(allow_null=True)
    break_minutes = serializers.IntegerField()
    skills = serializers.ListField(child=serializers.CharField())
    is_active = serializers.BooleanField()
