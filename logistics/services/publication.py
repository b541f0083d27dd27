"""A verified plan written down: trips made, replaced or called off, and shipments moved, all or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import DomainError
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock
from b2b.db.models import advance_all, record
from logistics import states
from logistics.models import Drop, Shipment, Stop, Trip, Vehicle
from logistics.selectors import dispatching
from logistics.services.planning import Proposal
from logistics.services.round_trips import Round

REPLANNED = (
    "departs_at", "returns_at", "distance_m", "empty_m", "duration_s", "weight_g", "volume_cm3", "pallets", "currency",
    "cost", "plan_version",
)  # fmt: skip


class PlanOutdated(DomainError):
    """Shipments, trips or vehicles changed since the plan was made; plan again."""

    code = "plan_outdated"


def write(proposal: Proposal, rounds: Sequence[Round], *, by: Actor, at: datetime) -> None:
    """Lock vehicles, trips and shipments, see that nothing changed, and write the rounds.

    The number of statements does not depend on their number. :raises PlanOutdated: when something changed.
    """
    _hold_vehicles(proposal, rounds)
    standing = _hold_trips(proposal)
    shipments = _hold_shipments(proposal, rounds)
    kept = [made.trip for made in rounds if made.trip.pk in standing]
    _clear(kept)
    new = [made.trip for made in rounds if made.trip.pk not in standing]
    Trip.objects.bulk_create(new)
    record(((trip, "create", "", states.PLANNED) for trip in new), by=by, at=at)
    if kept:
        Trip.objects.bulk_update(kept, REPLANNED)
        advance_all(kept, "replan", by=by, at=at)
    dropped = [trip for key, trip in standing.items() if key not in {trip.pk for trip in kept}]
    _call_off(dropped, by=by, at=at)
    Stop.objects.bulk_create(stop for made in rounds for stop in made.stops)
    Drop.objects.bulk_create(drop for made in rounds for drop in made.drops)
    _move(shipments, rounds, proposal.waits_as, by=by, at=at)


def _hold_vehicles(proposal: Proposal, rounds: Sequence[Round]) -> None:
    keys = [made.trip.vehicle_id for made in rounds]
    active = {vehicle.pk for vehicle in lock(Vehicle.objects.filter(pk__in=keys, is_active=True))}
    taken = dispatching.engagements(keys, apart_from=[trip.pk for trip in proposal.draft.standing])
    busy = {
        made.trip.vehicle_id
        for made in rounds
        for starts, ends in taken.get(made.trip.vehicle_id, ())
        if made.trip.departs_at < ends and starts < made.trip.returns_at
    }
    if busy or active != set(keys):
        raise PlanOutdated(vehicle_ids=sorted(busy | (set(keys) - active)))


def _hold_trips(proposal: Proposal) -> dict[UUID, Trip]:
    """Lock the trips to be replaced; what has left or was planned anew since is not there to be replaced."""
    keys = [trip.pk for trip in proposal.draft.standing]
    if not keys:
        return {}
    held = {trip.pk: trip for trip in lock(Trip.objects.filter(pk__in=keys, status=states.PLANNED))}
    if changed := {key for key in keys if key not in held or held[key].version != proposal.versions[key]}:
        raise PlanOutdated(trips=sorted(str(key) for key in changed))
    return held


def _hold_shipments(proposal: Proposal, rounds: Sequence[Round]) -> list[Shipment]:
    """Lock what the plan serves, and what was aboard the trips it replaces."""
    served = {drop.shipment_id for made in rounds for drop in made.drops}
    aboard = {
        one.pk for one in (*proposal.draft.shipments.values(), *proposal.draft.blocked, *proposal.draft.unplaced)
        if one.status == states.PLANNED
    }  # fmt: skip
    keys = served | aboard
    held = lock(Shipment.objects.filter(pk__in=keys, status__in=(proposal.waits_as, states.PLANNED)))
    current = {one.pk for one in held if one.version == proposal.versions.get(one.pk, one.version)}
    if changed := keys - current:
        raise PlanOutdated(shipments=sorted(str(key) for key in changed))
    if taken := {one.pk for one in held if one.status == states.PLANNED} - aboard:
        raise PlanOutdated(shipments=sorted(str(key) for key in taken))
    return held


def _clear(trips: Sequence[Trip]) -> None:
    """Take the stops off trips that get others; nobody was there yet."""
    if trips:
        keys = [[trip.pk for trip in trips]]
        execute("DELETE FROM logistics_drop WHERE trip_id = ANY(%s)", keys)
        execute("DELETE FROM logistics_stop WHERE trip_id = ANY(%s)", keys)


def _call_off(trips: Sequence[Trip], *, by: Actor, at: datetime) -> None:
    if trips:
        reason = "planned anew without it"
        Drop.objects.filter(trip__in=trips, outcome=Drop.Outcome.OPEN).update(
            outcome=Drop.Outcome.CANCELLED, ended_at=at, reason=reason
        )
        advance_all(trips, "cancel", by=by, at=at, reason=reason)


def _move(
    shipments: Sequence[Shipment], rounds: Sequence[Round], waits_as: str, *, by: Actor, at: datetime
) -> None:
    """Move what is served to its trip, and put the rest back to wait."""
    served = {drop.shipment_id for made in rounds for drop in made.drops}
    back = [one for one in shipments if one.pk not in served and one.status == states.PLANNED]
    if back:
        advance_all(back, "unplan", by=by, at=at, carrier_id=None, planned_arrival_at=None)
    taken = [one for one in shipments if one.pk in served]
    _assign(taken, rounds)
    moved = {
        verb: [one for one in taken if one.status == status]
        for verb, status in (("plan", waits_as), ("replan", states.PLANNED))
    }
    for verb, ones in moved.items():
        if ones:
            advance_all(ones, verb, by=by, at=at)


def _assign(shipments: Sequence[Shipment], rounds: Sequence[Round]) -> None:
    """Tell each shipment its carrier and when it will arrive, in one statement."""
    columns = {"id": "uuid", "carrier": "bigint", "arrival": "timestamptz"}
    rows = [
        (drop.shipment_id, made.trip.carrier_id, drop.stop.planned_arrival_at)
        for made in rounds
        for drop in made.drops
    ]
    execute(
        f"""
        UPDATE logistics_shipment SET carrier_id = given.carrier, planned_arrival_at = given.arrival
        FROM {unnest(columns)} WHERE logistics_shipment.id = given.id
        """,
        transpose(list(columns), rows),
    )
    told = {row[0]: row for row in rows}
    for shipment in shipments:  # the history of the move names the carrier as a party
        _, shipment.carrier_id, shipment.planned_arrival_at = told[shipment.pk]
