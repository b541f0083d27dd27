"""Which jobs no vehicle could take even if it carried nothing else, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from logistics.policies import timing
from logistics.policies.problem import (
    DELIVERY,
    PICKUP,
    VISIT,
    Haul,
    Job,
    LeftOut,
    Problem,
    Task,
    Van,
    by_kind,
)

NO_VEHICLE: Final = "NO_VEHICLE"
NEEDS_SKILL: Final = "NEEDS_SKILL"
TOO_HEAVY: Final = "TOO_HEAVY"
TOO_LARGE: Final = "TOO_LARGE"
TOO_MANY: Final = "TOO_MANY"
OUT_OF_REACH: Final = "OUT_OF_REACH"
FLEET_FULL: Final = "FLEET_FULL"
NOT_WORTH_IT: Final = "NOT_WORTH_IT"
ANOTHER_SERVED: Final = "ANOTHER_SERVED"
BLOCKED: Final = "BLOCKED"
NO_PLACE: Final = "NO_PLACE"
WAITING: Final = "WAITING"

REASONS: Final[dict[str, str]] = {
    NO_VEHICLE: "no vehicle is free",
    NEEDS_SKILL: "no free vehicle has the skills it needs",
    TOO_HEAVY: "heavier than any free vehicle that fits otherwise may carry",
    TOO_LARGE: "larger than any free vehicle that fits otherwise can hold",
    TOO_MANY: "more pallets than any free vehicle that fits otherwise has places for",
    OUT_OF_REACH: "no free vehicle could arrive in its opening hours and be back by the end of its shift",
    BLOCKED: "it holds goods that were recalled or quarantined",
    NO_PLACE: "its drop point has no coordinates; enter them at the site and pack it anew",
    WAITING: "it waits to be planned",
    FLEET_FULL: "the free vehicles are full; the next plan takes it up",
    NOT_WORTH_IT: "serving it would cost more than it is worth",
    ANOTHER_SERVED: "another of its group is served instead",
}
TOO_MUCH: Final = (TOO_HEAVY, TOO_LARGE, TOO_MANY)  # by dimension; any further one is counted


def screen(problem: Problem) -> list[LeftOut]:
    """Return the jobs that cannot be planned at all, each with the first test that no vehicle passed."""
    kinds = [vans[0] for vans in by_kind(problem.vans)]
    refused = []
    for job in problem.wanted:
        reason = why_not(problem, job, kinds)
        if reason:
            refused.append(LeftOut(job.key, reason))
    return refused


def why_not(problem: Problem, job: Job | Haul, vans: Sequence[Van] | None = None) -> str:
    """Return the reason that no van can serve `job` alone, or "" when one can."""
    vans = problem.vans if vans is None else vans
    if not vans:
        return NO_VEHICLE
    vans = [van for van in vans if job.skills <= van.skills]
    if not vans:
        return NEEDS_SKILL
    needs = _needs(job)
    for dimension, amount in enumerate(needs):
        vans = [van for van in vans if amount <= _at(van.capacity, dimension)]
        if not vans:
            return TOO_MUCH[min(dimension, len(TOO_MUCH) - 1)]
    return "" if any(reaches(problem, van, job) for van in vans) else OUT_OF_REACH


def _needs(job: Job | Haul) -> tuple[int, ...]:
    collects = job.collects if isinstance(job, Job) else ()
    size = max(len(job.load), len(collects))
    return tuple(max(_at(job.load, index), _at(collects, index)) for index in range(size))


def _at(load: Sequence[int], index: int) -> int:
    return load[index] if index < len(load) else 0


def tasks_of(problem: Problem, job: Job | Haul) -> list[Task]:
    """Return what serving a job alone means, in order."""
    kinds = (VISIT,) if isinstance(job, Job) else (PICKUP, DELIVERY)
    return [problem.tasks[job.key, kind] for kind in kinds]


def reaches(problem: Problem, van: Van, job: Job | Haul) -> bool:
    """Tell whether a van that serves nothing else serves `job` in its hours and returns in time."""
    released = job.released_s if isinstance(job, Job) else 0
    route = timing.schedule(problem, van, tasks_of(problem, job), not_before_s=released)
    return timing.lateness(problem, van, route) == 0 and route.distance_m <= van.max_distance_m
