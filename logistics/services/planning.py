"""From documents to a planning problem and back to moments in time; reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from b2b.core.money import Money
from b2b.directory.models import Site
from logistics import states
from logistics.models import Shipment, Vehicle
from logistics.policies import screening
from logistics.policies.figures import PlanFigures, measure
from logistics.policies.hours import moment, planning_day
from logistics.policies.problem import Job, Plan, Problem, Rest, Van
from logistics.policies.roads import Roads
from logistics.selectors import dispatching

SERVICE_S = 600  # unloading at a stop
TURNAROUND = timedelta(minutes=30)  # reloading between two trips of a day
COST_UNITS = 100_000  # in one unit of the currency: the planner counts in whole numbers
ORDINARY, LATE = 1, 2  # priorities


@dataclass(frozen=True, slots=True)
class Draft:
    """A problem with what is needed to make trips of its plan; times count from `origin`."""

    warehouse: Site
    day: date
    origin: datetime
    shipments: dict[str, Shipment]
    vehicles: dict[str, Vehicle]
    problem: Problem
    blocked: Sequence[Shipment] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A verified plan, not yet published; `versions` are those of the shipments it was made for.

    `waits_as` is the status its shipments wait in, `agreed` a price of its one round that no tariff changes.
    """

    draft: Draft
    plan: Plan
    versions: dict[UUID, int]
    waits_as: str = states.READY
    agreed: Money | None = None

    @property
    def figures(self) -> PlanFigures:
        """What the plan amounts to; costs in COST_UNITS to a unit of the currency."""
        return measure(self.draft.problem, self.plan)


def read(warehouse_site_id: int, *, by: Actor, at: datetime, day: date | None, roads: Roads) -> Draft:
    """Read what waits and who is free, as one problem.

    :raises NotFound: when there is no such warehouse.
    """
    warehouse = Site.objects.filter(pk=warehouse_site_id, kind=Site.Kind.WAREHOUSE).first()
    if warehouse is None:
        raise NotFound("there is no such warehouse")
    vehicles = list(dispatching.fleet(by, warehouse_site_id))
    shifts = [(vehicle.shift_start, vehicle.shift_end) for vehicle in vehicles]
    day = day or planning_day(at, shifts, warehouse.time_zone)
    waiting = list(dispatching.waiting(by, warehouse_site_id))
    return draft(warehouse, waiting, vehicles, day=day, at=at, roads=roads)


def draft(
    warehouse: Site,
    waiting: Sequence[Shipment],
    vehicles: Sequence[Vehicle],
    *,
    day: date,
    at: datetime,
    roads: Roads,
) -> Draft:
    """Return how to carry shipments from a warehouse with vehicles, none of which leaves before `at`."""
    origin = moment(day, datetime.min.time(), warehouse.time_zone)
    stopped = dispatching.blocked(waiting)
    shipments = [shipment for shipment in waiting if shipment.pk not in stopped]
    points = list(dict.fromkeys([warehouse.point, *(shipment.point for shipment in shipments)]))
    distances, durations = roads.matrices(points)
    places = {point: index for index, point in enumerate(points)}
    jobs = tuple(_job(shipment, places[shipment.point], day, origin) for shipment in shipments)
    vans = tuple(van for vehicle in vehicles if (van := _van(vehicle, day, origin, at, warehouse.time_zone)))
    return Draft(
        warehouse=warehouse,
        day=day,
        origin=origin,
        shipments={str(shipment.pk): shipment for shipment in shipments},
        vehicles={str(vehicle.pk): vehicle for vehicle in vehicles},
        problem=Problem(jobs, vans, distances, durations),
        blocked=[shipment for shipment in waiting if shipment.pk in stopped],
    )


def _seconds(at: datetime, origin: datetime) -> int:
    return int((at - origin).total_seconds())


def _job(shipment: Shipment, location: int, day: date, origin: datetime) -> Job:
    return Job(
        key=str(shipment.pk),
        location=location,
        load=(shipment.weight_g, shipment.volume_cm3),
        # No vehicle leaves before the origin, so an opening before it (in another time zone) means "at once".
        opens_s=max(0, _seconds(moment(day, shipment.opens, shipment.time_zone), origin)),
        closes_s=max(0, _seconds(moment(day, shipment.closes, shipment.time_zone), origin)),
        service_s=SERVICE_S,
        skills=frozenset(shipment.required_skills),
        priority=LATE if shipment.need_by_date and shipment.need_by_date <= day else ORDINARY,
    )


def _van(vehicle: Vehicle, day: date, origin: datetime, at: datetime, time_zone: str) -> Van | None:
    """Return what is left of a vehicle's day, None when nothing is."""
    starts = max(moment(day, vehicle.shift_start, time_zone), at)
    busy_until: datetime | None = getattr(vehicle, "busy_until", None)
    if busy_until:
        starts = max(starts, busy_until + TURNAROUND)
    ends = moment(day, vehicle.shift_end, time_zone)
    if starts >= ends:
        return None
    return Van(
        key=str(vehicle.pk),
        capacity=(vehicle.capacity_weight_g, vehicle.capacity_volume_cm3),
        # Whole seconds, rounded up: a van never starts before it is there.
        starts_s=_seconds(starts + timedelta(microseconds=999_999), origin),
        ends_s=_seconds(ends, origin),
        cost_per_m=int(vehicle.cost_per_km * COST_UNITS / 1000),
        cost_per_s=int(vehicle.cost_per_hour * COST_UNITS / 3600),
        skills=frozenset(vehicle.skills),
        fixed_cost=int(vehicle.cost_per_trip * COST_UNITS),
        rests=_rests(vehicle, day, origin, time_zone),
    )


def _rests(vehicle: Vehicle, day: date, origin: datetime, time_zone: str) -> tuple[Rest, ...]:
    """Return the break of the vehicle's driver, which no shift is without where one is kept for it."""
    if not vehicle.break_minutes or vehicle.break_from is None or vehicle.break_until is None:
        return ()
    opens, closes = (moment(day, at, time_zone) for at in (vehicle.break_from, vehicle.break_until))
    return (Rest(_seconds(opens, origin), _seconds(closes, origin), 60 * vehicle.break_minutes),)


def left_out(proposal: Proposal) -> Sequence[tuple[Shipment, str]]:
    """Return the shipments a plan refuses, each with the reason's code."""
    draft = proposal.draft
    refused = [(draft.shipments[entry.job], entry.reason) for entry in proposal.plan.left_out]
    return refused + [(shipment, screening.BLOCKED) for shipment in draft.blocked]
