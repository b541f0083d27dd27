"""Plan outside any transaction, verify, then publish under lock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Forbidden
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock
from b2b.db.models import advance_all, record
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Site
from logistics import states
from logistics.models import Drop, Shipment, Stop, Trip, Vehicle
from logistics.policies import verifier
from logistics.policies.problem import Planner, Report
from logistics.policies.roads import GreatCircleRoads, Roads
from logistics.selectors import dispatching
from logistics.services import planner, planning, round_trips
from logistics.services.planning import Proposal

SECONDS = 5.0  # to plan, unless the caller says otherwise


class InvalidPlan(DomainError):
    """The planner's answer breaks the rules and was thrown away."""

    code = "invalid_plan"
    status = 500


class PlanOutdated(DomainError):
    """Shipments or vehicles changed since the plan was made; plan again."""

    code = "plan_outdated"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What was published: trips, and the shipments left out with the reason's code."""

    trips: list[Trip]
    left_out: Sequence[tuple[Shipment, str]]


def plan(
    warehouse_site_id: int,
    *,
    by: Actor,
    at: datetime,
    day: date | None = None,
    solver: Planner = planner.solve,
    seconds: float = SECONDS,
    roads: Roads | None = None,
    report: Report | None = None,
) -> Proposal:
    """Plan trips for what waits at a warehouse; writes nothing and must not be called in a unit of work.

    `day` defaults to today while half a shift is to come, else tomorrow; `report` is told how far it is.

    :raises Forbidden: unless the operator or
    the platform asks. :raises NotFound: when there is no such warehouse. :raises InvalidPlan: when the verifier
    refuses the planner's answer. :raises PlannerFailed: when there is none.
    """
    _operator_only(by)
    draft = planning.read(warehouse_site_id, by=by, at=at, day=day, roads=roads or GreatCircleRoads())
    found = solver(draft.problem, seconds=seconds, report=report)
    if violations := verifier.verify(draft.problem, found):
        raise InvalidPlan(violations=[str(violation) for violation in violations])
    return Proposal(draft, found, {shipment.pk: shipment.version for shipment in draft.shipments.values()})


@unit_of_work()
def publish_plan(proposal: Proposal, *, by: Actor, at: datetime) -> Dispatch:
    """Make trips of a verified plan, if shipments and vehicles are still as they were when it was made.

    :raises PlanOutdated: when any of them changed; nothing is written. :raises Forbidden: unless the operator or the
    platform asks. :raises InvalidPlan: when the plan is not one that passes the verifier.
    """
    _operator_only(by)
    if violations := verifier.verify(proposal.draft.problem, proposal.plan):
        raise InvalidPlan(violations=[str(violation) for violation in violations])
    left_out = planning.left_out(proposal)
    if not proposal.plan.routes:
        return Dispatch([], left_out)
    rounds = round_trips.build(proposal, at=at)
    _hold_vehicles(rounds)
    shipments = _hold_shipments(proposal, rounds)
    Trip.objects.bulk_create(made.trip for made in rounds)
    Stop.objects.bulk_create(stop for made in rounds for stop in made.stops)
    Drop.objects.bulk_create(drop for made in rounds for drop in made.drops)
    record(((made.trip, "create", "", states.PLANNED) for made in rounds), by=by, at=at)
    _assign(shipments, rounds)
    advance_all(shipments, "plan", by=by, at=at)
    return Dispatch([made.trip for made in rounds], left_out)


def plan_due(
    *, by: Actor, at: datetime, warehouse_code: str = "", seconds: float = SECONDS
) -> Iterator[tuple[Site, Dispatch]]:
    """Plan and publish at the named warehouse, or at every one where shipments wait; not in a unit of work.

    A plan that was outdated before it could be published is made once more. :raises NotFound: when there is no
    such warehouse. :raises Forbidden: unless the operator or the platform asks.
    """
    _operator_only(by)
    warehouses = [one for one in dispatching.warehouses_with_waiting(by) if warehouse_code in ("", one.code)]
    if warehouse_code and not warehouses:
        dispatching.require_warehouse(warehouse_code)
    for warehouse in warehouses:
        try:
            made = publish_plan(plan(warehouse.pk, by=by, at=at, seconds=seconds), by=by, at=at)
        except PlanOutdated:
            made = publish_plan(plan(warehouse.pk, by=by, at=at, seconds=seconds), by=by, at=at)
        yield warehouse, made


def _operator_only(by: Actor) -> None:
    if not by.sees_all:
        raise Forbidden("only the operator plans trips")


def _hold_vehicles(rounds: Sequence[round_trips.Round]) -> None:
    keys = [made.trip.vehicle_id for made in rounds]
    active = {vehicle.pk for vehicle in lock(Vehicle.objects.filter(pk__in=keys, is_active=True))}
    taken = dispatching.engagements(keys)
    busy = {
        made.trip.vehicle_id
        for made in rounds
        for starts, ends in taken.get(made.trip.vehicle_id, ())
        if made.trip.departs_at < ends and starts < made.trip.returns_at
    }
    if busy or active != set(keys):
        raise PlanOutdated(vehicle_ids=sorted(busy | (set(keys) - active)))


def _hold_shipments(proposal: Proposal, rounds: Sequence[round_trips.Round]) -> list[Shipment]:
    keys = [drop.shipment_id for made in rounds for drop in made.drops]
    held = lock(Shipment.objects.filter(pk__in=keys, status=proposal.waits_as))
    current = {shipment.pk for shipment in held if shipment.version == proposal.versions[shipment.pk]}
    if changed := set(keys) - current:
        raise PlanOutdated(shipments=sorted(str(key) for key in changed))
    return held


def _assign(shipments: Sequence[Shipment], rounds: Sequence[round_trips.Round]) -> None:
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
