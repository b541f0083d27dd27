"""Plan outside any transaction, verify, then publish under lock."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Forbidden
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Site
from logistics.models import Shipment, Trip
from logistics.policies import verifier
from logistics.policies.problem import Planner, Report
from logistics.policies.roads import GreatCircleRoads, Roads
from logistics.selectors import dispatching
from logistics.services import planner, planning, publication, round_trips
from logistics.services.planning import Proposal
from logistics.services.publication import PlanOutdated

SECONDS = 5.0  # to plan, unless the caller says otherwise


class InvalidPlan(DomainError):
    """The planner's answer breaks the rules and was thrown away."""

    code = "invalid_plan"
    status = 500


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
    anew: bool = False,
    without: Collection[int] = (),
    solver: Planner = planner.solve,
    seconds: float = SECONDS,
    roads: Roads | None = None,
    report: Report | None = None,
) -> Proposal:
    """Plan trips for what waits at a warehouse; writes nothing and must not be called in a unit of work.

    `day` defaults to today while half a shift is to come, else tomorrow; `report` is told how far it is. With `anew`
    the day's trips that have not left are planned again, `without` the vehicles named (see planning.read).

    :raises Forbidden: unless the operator or
    the platform asks. :raises NotFound: when there is no such warehouse. :raises InvalidPlan: when the verifier
    refuses the planner's answer. :raises PlannerFailed: when there is none.
    """
    _operator_only(by)
    draft = planning.read(
        warehouse_site_id,
        by=by,
        at=at,
        day=day,
        roads=roads or GreatCircleRoads(),
        anew=anew,
        without=without,
    )
    found = solver(draft.problem, seconds=seconds, report=report)
    if violations := verifier.verify(draft.problem, found):
        raise InvalidPlan(violations=[str(violation) for violation in violations])
    return Proposal(draft, found, planning.versions(draft))


@unit_of_work()
def publish_plan(proposal: Proposal, *, by: Actor, at: datetime) -> Dispatch:
    """Make trips of a verified plan, if shipments and vehicles are still as they were when it was made.

    Trips that it was made to replace keep their numbers where their vehicles still drive, and are called off elsewhere.

    :raises PlanOutdated: when any of them changed; nothing is written. :raises Forbidden: unless the operator or the
    platform asks. :raises InvalidPlan: when the plan is not one that passes the verifier.
    """
    _operator_only(by)
    if violations := verifier.verify(proposal.draft.problem, proposal.plan):
        raise InvalidPlan(violations=[str(violation) for violation in violations])
    left_out = planning.left_out(proposal)
    if not proposal.plan.routes and not proposal.draft.standing:
        return Dispatch([], left_out)
    rounds = round_trips.build(proposal, at=at)
    publication.write(proposal, rounds, by=by, at=at)
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
