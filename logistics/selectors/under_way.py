"""Trips on the road: where their vehicles were seen last, and where they still have to go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from b2b.core.actor import Actor
from logistics import states
from logistics.models import Stop, Trip


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A trip that has left; the position is null when its vehicle was never seen."""

    number: str
    vehicle: str
    latitude: float | None
    longitude: float | None
    fix_at: datetime | None
    stops: Sequence[Stop]


def trips(actor: Actor, warehouse_site_id: int) -> list[UnderWay]:
    """Return the trips of a warehouse that have left and are not done."""
    found = (
        Trip.objects.visible_to(actor)
        .filter(warehouse_site_id=warehouse_site_id, status=states.DEPARTED)
        .select_related("vehicle__mirror")
        .prefetch_related("stops")
        .order_by("pk")
    )
    seen = []
    for trip in found:
        mirror = getattr(trip.vehicle, "mirror", None)
        seen.append(
            UnderWay(
                number=trip.number,
                vehicle=trip.vehicle.code,
                latitude=mirror.latitude if mirror else None,
                longitude=mirror.longitude if mirror else None,
                fix_at=mirror.fix_at if mirror else None,
                stops=list(trip.stops.all()),
            )
        )
    return seen
