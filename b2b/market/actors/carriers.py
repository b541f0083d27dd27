"""Carriers: their vehicles leave as planned, and the dealers sign at the door."""

from __future__ import annotations

from b2b.market.stage import Stage
from logistics.models import Shipment, Trip
from logistics.services import delivery, trip
from logistics.services.delivery import Capture


def depart(stage: Stage) -> None:
    """Leave with every planned trip."""
    for carrier in stage.world.carriers:
        with stage.at(11.5) as now, stage.acting(carrier) as by:
            for key in Trip.objects.visible_to(by).filter(status="PLANNED").values_list("pk", flat=True):
                stage.insist(lambda key=key: _depart_once(key, by=by, at=now))


def _depart_once(key: object, *, by: object, at: object) -> None:
    if Trip.objects.filter(pk=key, status="PLANNED").exists():
        trip.depart(key, by=by, at=at)  # type: ignore[arg-type]


def deliver(stage: Stage) -> None:
    """Hand over every shipment that is on the road; the device's capture id makes a repeated proof harmless."""
    for carrier in stage.world.carriers:
        with stage.at(16.5) as now, stage.acting(carrier) as by:
            moving = Shipment.objects.visible_to(by).filter(status="IN_TRANSIT").order_by("pk")
            for key in moving.values_list("pk", flat=True):
                capture = Capture(
                    capture_id=f"door-{key}",
                    signer_name=stage.chance.choice(("Li Wei", "Wang Fang", "Zhang Min", "Chen Jie")),
                    signer_role="receiving",
                    delivered_at=now,
                )
                stage.insist(
                    lambda key=key, capture=capture: delivery.confirm(key, capture=capture, by=by, at=now)
                )
                stage.counts["deliveries"] += 1
