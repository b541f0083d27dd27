"""Carriers: their vehicles leave as planned, and the dealers sign at the door."""

from __future__ import annotations

from b2b.market.stage import Stage
from logistics.models import Shipment, Trip
from logistics.services import delivery, trip
from logistics.services.delivery import Capture

SIGNERS = ("Li Wei", "Wang Fang", "Zhang Min", "Chen Jie")


def depart(stage: Stage) -> None:
    """Leave with every planned trip."""
    for carrier in stage.world.carriers:
        with stage.at(11.5) as now, stage.acting(carrier) as by:
            planned = Trip.objects.visible_to(by).filter(status="PLANNED").order_by("pk")
            for key in list(planned.values_list("pk", flat=True)):
                trip.depart(key, by=by, at=now)
                stage.counts["departures"] += 1


def deliver(stage: Stage) -> None:
    """Hand over every shipment that is on the road; the device's capture id makes a repeated proof harmless."""
    for carrier in stage.world.carriers:
        with stage.at(16.5) as now, stage.acting(carrier) as by:
            moving = Shipment.objects.visible_to(by).filter(status="IN_TRANSIT").order_by("pk")
            for key in list(moving.values_list("pk", flat=True)):
                capture = Capture(
                    capture_id=f"door-{key}",
                    signer_name=stage.chance.choice(SIGNERS),
                    signer_role="receiving",
                    delivered_at=now,
                )
                delivery.confirm(key, capture=capture, by=by, at=now)
                stage.counts["deliveries"] += 1
