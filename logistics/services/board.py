"""The dispatch board: rounds as somebody lays them, checked before anything is saved, and saved all or none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from b2b.core.actor import Actor
from b2b.core.errors import Invalid
from b2b.core.errors import Problem as Fault
from b2b.db.transactions import unit_of_work
from logistics.policies import screening, timing, verifier
from logistics.policies.problem import VISIT, LeftOut, Plan, Route
from logistics.policies.pyvrp_model import released
from logistics.policies.roads import GreatCircleRoads
from logistics.policies.simulation import Simulated, simulate
from logistics.policies.verifier import Violation
from logistics.selectors import arrivals, under_way
from logistics.selectors.under_way import UnderWay
from logistics.services import dispatch, planning
from logistics.services.dispatch import Dispatch
from logistics.services.planning import Draft, Proposal
from logistics.services.publication import PlanOutdated
from logistics.services.route_plan import Wish


class RulesBroken(Invalid):
    """The rounds break rules and were not saved."""

    code = "rules_broken"


@dataclass(frozen=True, slots=True)
class Layout:
    """Shipments by vehicle in the order they are delivered, and how many of each round's first are locked."""

    rounds: Mapping[str, Sequence[str]]
    locked: Mapping[str, int] = field(default_factory=dict)

    @property
    def frozen(self) -> dict[str, Sequence[str]]:
        """By vehicle, the shipments its round has to begin with."""
        return {van: self.rounds.get(van, ())[:count] for van, count in self.locked.items() if count}


@dataclass(frozen=True, slots=True)
class Board:
    """Rounds as they are or were laid, what the verifier says of them, and what they may expect on the road.

    `stamp` tells one state of the documents from another: what was laid on one is not saved on the other.
    """

    draft: Draft
    plan: Plan
    findings: Sequence[Violation]
    simulated: Simulated
    stamp: str
    under_way: Sequence[UnderWay]

    @property
    def proposal(self) -> Proposal:
        """The rounds as a plan to be published."""
        return Proposal(self.draft, self.plan, planning.versions(self.draft))


def read(warehouse_site_id: int, *, by: Actor, at: datetime, day: date | None = None) -> Board:
    """Return the board as trips stand now.

    :raises NotFound: when there is no such warehouse.
    """
    draft = planning.read(warehouse_site_id, by=by, at=at, day=day, roads=GreatCircleRoads(), anew=True)
    rounds = {route.van: [call.job for call in route.calls] for route in draft.before.routes}
    known = {van.key for van in draft.problem.vans}
    served = {
        van: [job for job in jobs if job in draft.shipments] for van, jobs in rounds.items() if van in known
    }
    return _board(draft, served, by=by)


def lay(warehouse_site_id: int, layout: Layout, *, by: Actor, at: datetime, day: date) -> Board:
    """Return the board as it would be with these rounds; nothing is written.

    :raises NotFound: when there is no such warehouse. :raises Invalid: when a vehicle or shipment is not on the board.
    """
    draft = planning.read(
        warehouse_site_id,
        by=by,
        at=at,
        day=day,
        roads=GreatCircleRoads(),
        anew=True,
        frozen=layout.frozen,
    )
    vans = {van.key for van in draft.problem.vans}
    faults = [
        Fault("unknown_vehicle", f"vehicle {van} is not free that day", remedy="load the board anew")
        for van, jobs in layout.rounds.items()
        if jobs and van not in vans
    ]
    faults += [
        Fault("unknown_shipment", f"shipment {job} does not wait here", remedy="load the board anew")
        for jobs in layout.rounds.values()
        for job in jobs
        if job not in draft.shipments
    ]
    if faults:
        raise Invalid("the board has changed", problems=faults)
    return _board(draft, layout.rounds, by=by)


@unit_of_work()
def save(
    warehouse_site_id: int, layout: Layout, *, stamp: str, by: Actor, at: datetime, day: date
) -> Dispatch:
    """Make, change and call off trips so that they are as laid.

    :raises PlanOutdated: when documents changed since the board was read. :raises RulesBroken: when the verifier finds
    anything; its findings are the problems. :raises Forbidden: unless the operator or the platform asks.
    """
    board = lay(warehouse_site_id, layout, by=by, at=at, day=day)
    if board.stamp != stamp:
        raise PlanOutdated
    if board.findings:
        problems = [Fault(one.kind.lower(), f"{one.kind} {one.subject}") for one in board.findings]
        raise RulesBroken(problems=problems)
    return dispatch.publish_plan(board.proposal, by=by, at=at)


def wish(warehouse_site_id: int, layout: Layout, *, by: Actor, at: datetime, day: date, seconds: int) -> Wish:
    """Return what to ask a planner for: to go on from these rounds, with what is locked in them.

    :raises Invalid: when a vehicle or shipment is not on the board.
    """
    board = lay(warehouse_site_id, layout, by=by, at=at, day=day)
    return Wish(warehouse_site_id, day, seconds=seconds, anew=True, frozen=layout.frozen, warm=board.plan)


def _board(draft: Draft, rounds: Mapping[str, Sequence[str]], *, by: Actor) -> Board:
    problem = draft.problem
    vans = {van.key: van for van in problem.vans}
    routes: list[Route] = []
    for van, jobs in sorted(rounds.items()):
        if jobs:
            tasks = [problem.tasks[job, VISIT] for job in jobs]
            routes.append(timing.schedule(problem, vans[van], tasks, not_before_s=released(problem, tasks)))
    served = {job for jobs in rounds.values() for job in jobs}
    refused = {entry.job: entry for entry in screening.screen(problem)}
    left_out = [
        refused.get(job.key, LeftOut(job.key, screening.WAITING))
        for job in problem.jobs
        if job.key not in served
    ]
    plan = Plan(tuple(routes), tuple(left_out))
    zone = ZoneInfo(draft.warehouse.time_zone)
    simulated = simulate(
        problem,
        plan,
        paces=arrivals.paces(by, {one.ship_to_code for one in draft.shipments.values()}),
        hour_of=lambda seconds: (draft.origin + timedelta(seconds=seconds)).astimezone(zone).hour,
        places={key: one.ship_to_code for key, one in draft.shipments.items()},
    )
    return Board(
        draft=draft,
        plan=plan,
        findings=verifier.verify(problem, plan),
        simulated=simulated,
        stamp=_stamp(draft),
        under_way=under_way.trips(by, draft.warehouse.pk),
    )


def _stamp(draft: Draft) -> str:
    """Return a short digest of the documents on the board and their versions."""
    told = sorted((str(key), version) for key, version in planning.versions(draft).items())
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
