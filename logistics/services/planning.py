"""From documents to a planning problem and back to moments in time; reads only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from b2b.core.geo import GeoPoint
from b2b.core.money import Money
from b2b.directory.models import Site
from logistics import states
from logistics.models import Shipment, Trip, Vehicle
from logistics.policies import screening
from logistics.policies.figures import PlanFigures, measure
from logistics.policies.hours import moment, planning_day
from logistics.policies.problem import Plan, Problem
from logistics.policies.roads import Roads
from logistics.selectors import dispatching
from logistics.services import problem_parts, standing_rounds
from logistics.services.standing_rounds import Standing

NOWHERE = GeoPoint(0.0, 0.0)  # what a place without coordinates is imported as; there is only sea


@dataclass(frozen=True, slots=True)
class Draft:
    """A problem with what is needed to make trips of its plan; times count from `origin`.

    `blocked` and `unplaced` shipments are not in it. `standing` are the trips that a plan of it replaces, `before` the
    plan that they make.
    """

    warehouse: Site
    day: date
    origin: datetime
    shipments: dict[str, Shipment]
    vehicles: dict[str, Vehicle]
    problem: Problem
    blocked: Sequence[Shipment] = ()
    unplaced: Sequence[Shipment] = ()
    standing: Sequence[Trip] = ()
    before: Plan = field(default_factory=Plan)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A verified plan, not yet published; `versions` are those of the shipments and trips it was made for.

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


def versions(draft: Draft) -> dict[UUID, int]:
    """Return the versions of all documents that a plan of the draft moves."""
    return {document.pk: document.version for document in (*draft.shipments.values(), *draft.standing)}


def read(
    warehouse_site_id: int,
    *,
    by: Actor,
    at: datetime,
    day: date | None,
    roads: Roads,
    anew: bool = False,
    without: Collection[int] = (),
    frozen: Mapping[str, Sequence[str]] | None = None,
) -> Draft:
    """Read what waits and who is free, as one problem.

    With `anew` the trips of the day that have not left are planned again, and keep the stops that are locked, or those
    that `frozen` names by vehicle. Vehicles in `without` are left alone and lose their trips of the day.

    :raises NotFound: when there is no such warehouse.
    """
    warehouse = Site.objects.filter(pk=warehouse_site_id, kind=Site.Kind.WAREHOUSE).first()
    if warehouse is None:
        raise NotFound("there is no such warehouse")
    vehicles = [one for one in dispatching.fleet(by, warehouse_site_id) if one.pk not in without]
    shifts = [(vehicle.shift_start, vehicle.shift_end) for vehicle in vehicles]
    day = day or planning_day(at, shifts, warehouse.time_zone)
    origin = moment(day, datetime.min.time(), warehouse.time_zone)
    keys = [vehicle.pk for vehicle in vehicles]
    standing = Standing()
    if anew:
        standing = standing_rounds.read(warehouse_site_id, by=by, origin=origin, vehicle_ids=keys)
    busy = dispatching.busy_until(keys, apart_from=[trip.pk for trip in standing.trips])
    return draft(
        warehouse,
        [*standing.shipments, *dispatching.waiting(by, warehouse_site_id)],
        vehicles,
        day=day,
        at=at,
        roads=roads,
        busy=busy,
        standing=standing,
        frozen=standing.frozen if frozen is None else frozen,
    )


def draft(
    warehouse: Site,
    asked: Sequence[Shipment],
    vehicles: Sequence[Vehicle],
    *,
    day: date,
    at: datetime,
    roads: Roads,
    busy: Mapping[int, datetime],
    standing: Standing | None = None,
    frozen: Mapping[str, Sequence[str]] | None = None,
) -> Draft:
    """Return how to carry shipments from a warehouse with vehicles, none of which leaves before `at`.

    `busy` tells of a vehicle, by id, until when it is on other trips.
    """
    origin = moment(day, datetime.min.time(), warehouse.time_zone)
    stopped = dispatching.blocked(asked)
    placed = [shipment for shipment in asked if shipment.pk not in stopped and shipment.point != NOWHERE]
    known = {str(shipment.pk) for shipment in placed}
    vans = [
        problem_parts.van(
            vehicle,
            day=day,
            origin=origin,
            at=at,
            time_zone=warehouse.time_zone,
            busy_until=busy.get(vehicle.pk),
            frozen=[key for key in (frozen or {}).get(str(vehicle.pk), ()) if key in known],
        )
        for vehicle in vehicles
    ]
    points = list(dict.fromkeys([warehouse.point, *(shipment.point for shipment in placed)]))
    distances, durations = roads.matrices(points)
    places = {point: index for index, point in enumerate(points)}
    jobs = tuple(problem_parts.job(one, places[one.point], day, origin) for one in placed)
    return Draft(
        warehouse=warehouse,
        day=day,
        origin=origin,
        shipments={str(shipment.pk): shipment for shipment in placed},
        vehicles={str(vehicle.pk): vehicle for vehicle in vehicles},
        problem=Problem(jobs, tuple(van for van in vans if van), distances, durations),
        blocked=[shipment for shipment in asked if shipment.pk in stopped],
        unplaced=[one for one in asked if one.pk not in stopped and one.point == NOWHERE],
        standing=standing.trips if standing else (),
        before=standing.plan if standing else Plan(),
    )


def left_out(proposal: Proposal) -> Sequence[tuple[Shipment, str]]:
    """Return the shipments a plan refuses, each with the reason's code."""
    draft = proposal.draft
    refused = [(draft.shipments[entry.job], entry.reason) for entry in proposal.plan.left_out]
    refused += [(shipment, screening.BLOCKED) for shipment in draft.blocked]
    return refused + [(shipment, screening.NO_PLACE) for shipment in draft.unplaced]
