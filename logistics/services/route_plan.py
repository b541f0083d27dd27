"""Plans of routes that are asked for, called off, asked for again, and accepted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import msgspec

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.core.ids import uuid7
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from logistics import states
from logistics.models import RoutePlan
from logistics.policies.problem import Plan
from logistics.policies.pyvrp_planner import SEED
from logistics.policies.roads import GreatCircleRoads
from logistics.selectors import route_plan as route_plans
from logistics.services import dispatch, plan_snapshot, planning
from logistics.services.dispatch import Dispatch
from logistics.services.numbering import take_each
from logistics.services.planning import Draft

SECONDS = 10
MOST_SECONDS = 300
MOST_SHIPMENTS = 2_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be planned: where, for which day (None: the next that can be driven), within how many seconds.

    With `anew` the day's trips that have not left are planned again; `without` vehicles, by id, are left alone.
    `frozen` names by vehicle the shipments its round begins with, in place of the stops that are locked; `warm` is a
    plan to start from, in place of the trips that stand.
    """

    warehouse_site_id: int
    day: date | None = None
    seconds: int = SECONDS
    seed: int = SEED
    anew: bool = False
    without: Collection[int] = ()
    frozen: Mapping[str, Sequence[str]] | None = field(default=None)
    warm: Plan | None = None


@unit_of_work()
def ask(wish: Wish, *, by: Actor, at: datetime) -> RoutePlan:
    """Keep what is to be planned as it is now, for a worker to plan.

    :raises Forbidden: unless the operator or the platform asks. :raises NotFound: when there is no such warehouse.
    :raises Invalid: when nothing waits, no vehicle is free, or there is too much for one plan.
    """
    _operator_only(by)
    if not 1 <= wish.seconds <= MOST_SECONDS:
        raise Invalid(
            "the plan cannot be made",
            problems=[Problem("out_of_range", f"between 1 and {MOST_SECONDS} seconds", "/seconds")],
        )
    draft = _read(wish, by=by, at=at)
    warehouse = draft.warehouse
    owner = warehouse.organization
    number = take_each("ROUTE_PLAN", {owner.pk: 1}, {owner.pk: owner.code}, "RP")[owner.pk][0]
    made = RoutePlan(
        id=uuid7(),
        number=number,
        warehouse_site=warehouse,
        day=draft.day,
        asked_by=by.name[:150],
        seconds=wish.seconds,
        seed=wish.seed,
        is_replan=wish.anew,
        without_vehicles=sorted(wish.without),
        shipments=len(draft.problem.jobs),
        vehicles=len(draft.problem.vans),
        snapshot=plan_snapshot.pack(draft, _start(wish, draft)),
        currency=next(iter(draft.vehicles.values())).currency,
        created_at=at,
        updated_at=at,
    )
    made.save(force_insert=True)
    record([(made, "create", "", states.QUEUED)], by=by, at=at)
    return made


def _start(wish: Wish, draft: Draft) -> Plan | None:
    return wish.warm or (draft.before if draft.before.routes else None)


def _read(wish: Wish, *, by: Actor, at: datetime) -> Draft:
    draft = planning.read(
        wish.warehouse_site_id,
        by=by,
        at=at,
        day=wish.day,
        roads=GreatCircleRoads(),
        anew=wish.anew,
        without=wish.without,
        frozen=wish.frozen,
    )
    if problems := _faults(draft):
        raise Invalid("there is nothing that could be planned", problems=problems)
    return draft


def _faults(draft: Draft) -> list[Problem]:
    problems = []
    if not draft.problem.jobs:
        what = "no shipment waits here that could be planned"
        remedy = "shipments appear when a wave is packed"
        if draft.blocked or draft.unplaced:
            numbers = ", ".join(one.number for one in (*draft.blocked, *draft.unplaced)[:10])
            remedy = f"stopped, or to a place without coordinates: {numbers}"
        problems.append(Problem("nothing_waits", what, "/warehouse", remedy=remedy))
    if not draft.vehicles:
        remedy = "enter vehicles that start here, or activate some"
        problems.append(Problem("no_fleet", "no vehicle may start from here", "/warehouse", remedy=remedy))
    elif not draft.problem.vans:
        remedy = "plan another day, or change the shifts of the vehicles"
        what = "every vehicle's shift of that day is over or taken by its trips"
        problems.append(Problem("no_shift_left", what, "/day", remedy=remedy))
    if len(draft.problem.jobs) > MOST_SHIPMENTS:
        remedy = "plan a day's part at a time"
        what = f"more than {MOST_SHIPMENTS} shipments"
        problems.append(Problem("too_many", what, "/warehouse", remedy=remedy))
    return problems


@unit_of_work()
def cancel(plan_id: UUID, *, by: Actor, at: datetime, reason: str = "") -> RoutePlan:
    """Call a plan off; a worker that is at it stops within a second or two.

    :raises Forbidden: unless the operator or the platform asks. :raises IllegalTransition: when it was accepted,
    called off, or came to nothing before.
    """
    held = _hold(plan_id, by)
    ended = {"ended_at": at} if held.status == states.RUNNING else {}
    held.advance("cancel", by=by, at=at, reason=reason, **ended)
    return held


@unit_of_work()
def again(plan_id: UUID, *, by: Actor, at: datetime) -> RoutePlan:
    """Ask once more for what waits now, by the same rules; starts from the stops that are locked now.

    :raises Forbidden: unless the operator or the platform asks. :raises IllegalTransition: while it is worked or when
    it was accepted. :raises Invalid: when nothing waits any more, or no vehicle is free.
    """
    held = _hold(plan_id, by)
    wish = Wish(
        held.warehouse_site_id, held.day, anew=held.is_replan, without=frozenset(held.without_vehicles)
    )
    draft = _read(wish, by=by, at=at)
    held.advance(
        "again",
        by=by,
        at=at,
        snapshot=plan_snapshot.pack(draft, _start(wish, draft)),
        shipments=len(draft.problem.jobs),
        vehicles=len(draft.problem.vans),
        plan=None,
        curve=[],
        findings=[],
        changes={},
        fault="",
        percent=0,
        phase="",
        started_at=None,
        heartbeat_at=None,
        ended_at=None,
        memory_mb=None,
    )
    return held


@unit_of_work()
def accept(plan_id: UUID, *, by: Actor, at: datetime) -> Dispatch:
    """Make trips and stops of the plan that was found, all in one transaction.

    :raises PlanOutdated: when shipments, trips or vehicles changed since it was asked for; ask for it again.
    :raises Forbidden: unless the operator or the platform asks. :raises IllegalTransition: unless a plan was found.
    """
    held = _hold(plan_id, by)
    held.advance("accept", by=by, at=at)
    plan = msgspec.convert(held.plan, Plan)
    kept = plan_snapshot.unpack(held.snapshot)
    proposal = plan_snapshot.propose(kept, plan, warehouse=held.warehouse_site, by=by)
    return dispatch.publish_plan(proposal, by=by, at=at)


def _hold(plan_id: UUID, by: Actor) -> RoutePlan:
    _operator_only(by)
    # Locked first, and read with its snapshot only after that.
    lock_one(route_plans.visible(by).select_related(None).filter(pk=plan_id))
    return RoutePlan.objects.select_related("warehouse_site").get(pk=plan_id)


def _operator_only(by: Actor) -> None:
    if not by.sees_all:
        raise Forbidden("only the operator plans trips")
