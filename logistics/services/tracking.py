"""Tracking events as they come: twice, late, in any order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from b2b.core.actor import CARRIER, Actor
from b2b.core.errors import Forbidden, Invalid, NotFound, Problem
from b2b.db.bulk import execute, fetch, staged, transpose, unnest
from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from logistics.models import Shipment
from logistics.policies.tracking import KINDS, Seen, fold

PLATFORM = "midstream"  # the source of what the platform itself knows
CLOCK_SKEW = timedelta(minutes=5)

COLUMNS = {
    "shipment_id": "uuid",
    "source": "text",
    "source_event_id": "text",
    "kind": "text",
    "occurred_at": "timestamptz",
    "latitude": "numeric",
    "longitude": "numeric",
    "note": "text",
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A tracking event as its source tells it; `kind` is one of logistics.policies.tracking.KINDS."""

    shipment_id: UUID
    source: str
    source_event_id: str
    kind: str
    occurred_at: datetime
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    note: str = ""


@unit_of_work()
def record(sightings: Sequence[Sighting], *, by: Actor, at: datetime) -> int:
    """Keep tracking events and return how many were new; the same ones again change nothing.

    :raises NotFound: when a shipment is not the actor's to see. :raises Forbidden: unless a carrier, the operator or
    the platform tells. :raises Invalid: for an unknown kind, or a moment in the future.
    """
    if not (by.sees_all or by.kind == CARRIER):
        raise Forbidden("only carriers and the operator tell where goods are")
    if problems := list(_faults(sightings, at)):
        raise Invalid("some tracking events cannot be taken", problems=problems)
    wanted = {sighting.shipment_id for sighting in sightings}
    held = lock(Shipment.objects.visible_to(by).filter(pk__in=wanted))
    if len(held) != len(wanted):
        raise NotFound("there is no such shipment")
    return append(sightings, at=at)


def _faults(sightings: Sequence[Sighting], at: datetime) -> Iterator[Problem]:
    for row, sighting in enumerate(sightings):
        if sighting.kind not in KINDS:
            yield Problem("unknown_kind", f"{sighting.kind} is none of {', '.join(KINDS)}", f"/{row}/kind")
        if sighting.occurred_at > at + CLOCK_SKEW:
            yield Problem("in_the_future", "it has not happened yet", f"/{row}/occurred_at")


def append(sightings: Iterable[Sighting], *, at: datetime) -> int:
    """Write events of shipments the caller holds and derive their state anew from all events known."""
    rows = [[getattr(sighting, name) for name in COLUMNS] for sighting in sightings]
    with staged(COLUMNS, rows, name="sightings") as table:
        new = execute(
            f"""
            INSERT INTO logistics_trackingevent (shipment_id, dealer_id, carrier_id, source, source_event_id, kind,
                occurred_at, received_at, latitude, longitude, note)
            SELECT shipment_id, shipment.dealer_id, shipment.carrier_id, source, source_event_id, kind,
                occurred_at, %s, seen.latitude, seen.longitude, note
            FROM {table} seen JOIN logistics_shipment shipment ON shipment.id = seen.shipment_id
            ON CONFLICT DO NOTHING
            """,
            [at],
        )
    if new:
        _derive({row[0] for row in rows})
    return new


def _derive(shipment_ids: Iterable[UUID]) -> None:
    known: dict[UUID, list[Seen]] = defaultdict(list)
    events = fetch(
        "SELECT DISTINCT shipment_id, kind, occurred_at FROM logistics_trackingevent WHERE shipment_id = ANY(%s)",
        [sorted(shipment_ids)],
    )
    for shipment_id, kind, occurred_at in events:
        known[shipment_id].append(Seen(kind, occurred_at))
    columns = {"id": "uuid", "status": "text", "seen": "timestamptz"}
    states: list[tuple[Any, ...]] = []
    for shipment_id, seen in known.items():
        state = fold(seen)
        states.append((shipment_id, state.status, state.seen_at))
    execute(
        f"""
        UPDATE logistics_shipment SET tracking_status = given.status, tracked_at = given.seen
        FROM {unnest(columns)} WHERE logistics_shipment.id = given.id
        """,
        transpose(list(columns), states),
    )
