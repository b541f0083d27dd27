"""What several tests of logistics ask."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from b2b.contracts.base import Event
from b2b.core.actor import acting_as, system
from b2b.db import invariants
from b2b.db.bulk import fetch
from logistics.models import Trip
from logistics.policies.positions import Fix
from logistics.services import positions
from tests.factories import logistics as make

E = TypeVar("E", bound=Event)

OURS = [name for name in invariants.INVARIANTS if name.startswith("logistics.")]


def events(kind: type[E]) -> list[E]:
    """Return the events of a type that were published, oldest first."""
    with acting_as(system("test")):
        rows = fetch(
            "SELECT payload::text FROM outbox_outboxevent WHERE topic = %s ORDER BY id", [kind.topic]
        )
    return [kind.from_json(payload) for (payload,) in rows]


def tell(trip: Trip, *seen: tuple[int, float]) -> positions.Ingested:
    """Tell positions (minutes after the morning, latitude) of a trip's vehicle on the meridian of the depot."""
    with acting_as(make.PLATFORM) as platform:
        rows = [
            Fix(trip.vehicle.code, make.MORNING + timedelta(minutes=minutes), latitude, 114.3)
            for minutes, latitude in seen
        ]
        return positions.ingest(rows, by=platform, at=make.MORNING + timedelta(hours=12))
