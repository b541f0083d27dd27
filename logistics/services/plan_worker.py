"""Who works the route plans that were asked for: one after the other, in a process of its own, told of as it goes.

Nothing is locked while a planner thinks. A worker that dies leaves a plan without signs of life, which the next one
ends; what it had found by then stays, and the plan can be asked for again.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from b2b.core import clock
from b2b.core.actor import Actor
from b2b.db.locks import lock
from b2b.db.models import advance_all
from b2b.db.transactions import unit_of_work
from logistics import states
from logistics.models import RoutePlan
from logistics.policies import verifier
from logistics.policies.changes import compare
from logistics.policies.figures import measure
from logistics.policies.problem import Plan
from logistics.services import plan_snapshot, planner
from logistics.services.plan_snapshot import Snapshot
from logistics.services.planner import CalledOff, Listener, PlannerFailed

LOST_AFTER = timedelta(seconds=20)  # without a sign of life; one comes each second
EACH_S = 1.0
LOST = "the worker was lost; ask for the plan again"


def work_all(*, by: Actor) -> int:
    """End what was lost, then work all plans that wait and return how many; not in a unit of work."""
    end_lost(by=by, at=clock.now())
    worked = 0
    while (claimed := claim(by=by, at=clock.now())) is not None:
        work(claimed, by=by)
        worked += 1
    return worked


@unit_of_work()
def end_lost(*, by: Actor, at: datetime) -> int:
    """Let plans fail whose worker has given no sign of life for LOST_AFTER, and return how many."""
    lost = RoutePlan.objects.visible_to(by).filter(status=states.RUNNING, heartbeat_at__lt=at - LOST_AFTER)
    held = lock(lost.defer("snapshot"))
    advance_all(held, "fail", by=by, at=at, reason=LOST, fault=LOST, ended_at=at)
    return len(held)


@unit_of_work()
def claim(*, by: Actor, at: datetime) -> RoutePlan | None:
    """Take the oldest plan that waits, None when there is none; no two workers take the same."""
    waiting = RoutePlan.objects.visible_to(by).filter(status=states.QUEUED).order_by("pk")
    taken = waiting.select_for_update(skip_locked=True, no_key=True).first()
    if taken is not None:
        taken.advance(
            "start", by=by, at=at, attempt=taken.attempt + 1, started_at=at, heartbeat_at=at, phase="STARTING"
        )
    return taken


def work(claimed: RoutePlan, *, by: Actor) -> None:
    """Plan what was claimed within its time, and keep what came of it; a plan called off meanwhile is left alone."""
    kept = plan_snapshot.unpack(claimed.snapshot)
    progress = _Progress(claimed.pk, claimed.attempt, kept)
    listener = Listener(
        report=progress.reported, found=progress.found, alive=progress.beat, weighed=progress.weighed
    )
    try:
        plan = planner.solve_apart(
            kept.problem, seconds=claimed.seconds, warm=kept.warm, seed=claimed.seed, listener=listener
        )
    except CalledOff:
        return
    except PlannerFailed as error:
        _end(progress, "fail", by=by, fault=f"{error} {error.context.get('detail', '')}".strip())
        return
    findings = [str(one) for one in verifier.verify(kept.problem, plan)]
    found = {"findings": findings, "percent": 100, "phase": "DONE", "memory_mb": progress.memory_mb or None}
    if findings:
        fault = "the plan breaks rules and was thrown away; a locked stop may be too late by now"
        _end(progress, "fail", by=by, fault=fault, **found)
        return
    progress.found(plan)
    _end(
        progress,
        "find",
        by=by,
        plan=msgspec.to_builtins(plan),
        curve=progress.curve,
        changes=asdict(compare(kept.before, plan)),
        **found,
    )


@unit_of_work()
def _end(progress: _Progress, verb: str, *, by: Actor, **values: Any) -> None:
    """Move the plan, unless it was called off or given to another worker."""
    mine = RoutePlan.objects.filter(pk=progress.key, attempt=progress.attempt, status=states.RUNNING)
    at = clock.now()
    for held in lock(mine.defer("snapshot")):
        held.advance(verb, by=by, at=at, ended_at=at, heartbeat_at=at, **values)


@dataclass(slots=True)
class _Progress:
    """What is known of a plan under way, written down at most once each EACH_S."""

    key: UUID
    attempt: int
    kept: Snapshot
    began: float = field(default_factory=time.monotonic)
    written: float = 0.0
    values: dict[str, Any] = field(default_factory=dict)
    curve: list[list[float]] = field(default_factory=list)
    memory_mb: int = 0

    def reported(self, share: float, phase: str) -> None:
        """Note how far the planner is."""
        self.values |= {"percent": min(99, int(100 * share)), "phase": phase}

    def found(self, plan: Plan) -> None:
        """Note a better plan and what it costs."""
        figures = measure(self.kept.problem, plan)
        point = [round(time.monotonic() - self.began, 2), figures.cost, len(plan.left_out)]
        if not self.curve or self.curve[-1][1:] != point[1:]:
            self.curve.append(point)
        self.values |= {"plan": msgspec.to_builtins(plan), "curve": self.curve}

    def weighed(self, memory_mb: int) -> None:
        """Note how much memory the planner held at most."""
        self.memory_mb = memory_mb

    def beat(self) -> bool:
        """Write down what is new, and tell whether the plan is still this worker's."""
        if time.monotonic() - self.written < EACH_S:
            return True
        mine = RoutePlan.objects.filter(pk=self.key, attempt=self.attempt, status=states.RUNNING)
        left = mine.update(heartbeat_at=clock.now(), **self.values)
        self.values, self.written = {}, time.monotonic()
        return bool(left)
