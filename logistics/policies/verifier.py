"""An independent check of a plan; it shares no code with any planner, and nothing is published without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from logistics.policies.problem import DEPOT, Job, Plan, Problem, Route, Van

UNKNOWN_VAN: Final = "UNKNOWN_VAN"
VAN_TWICE: Final = "VAN_TWICE"
UNKNOWN_JOB: Final = "UNKNOWN_JOB"
JOB_TWICE: Final = "JOB_TWICE"
JOB_LOST: Final = "JOB_LOST"
EMPTY_ROUTE: Final = "EMPTY_ROUTE"
OVERWEIGHT: Final = "OVERWEIGHT"
OVERSIZE: Final = "OVERSIZE"
SKILL_MISSING: Final = "SKILL_MISSING"
BEFORE_SHIFT: Final = "BEFORE_SHIFT"
AFTER_SHIFT: Final = "AFTER_SHIFT"
TOO_EARLY: Final = "TOO_EARLY"
TOO_LATE: Final = "TOO_LATE"
TOO_FAST: Final = "TOO_FAST"
SERVICE_CUT: Final = "SERVICE_CUT"
WRONG_DISTANCE: Final = "WRONG_DISTANCE"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: its kind and the van or job it concerns."""

    kind: str
    subject: str

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


def verify(problem: Problem, plan: Plan) -> list[Violation]:
    """Return every rule the plan breaks; an empty list means that it may be driven as it stands.

    Each job is served once or left out once, each van drives one round at most, loads fit by weight and by volume,
    skills suffice, nobody drives faster than the roads allow, service starts in the opening hours and is not cut
    short, the round lies in the shift, and the stated distance is the distance.
    """
    found = list(_once(problem, plan))
    jobs = {job.key: job for job in problem.jobs}
    vans = {van.key: van for van in problem.vans}
    for route in plan.routes:
        van = vans.get(route.van)
        if van is None or any(call.job not in jobs for call in route.calls):
            continue  # already found: there is nothing to measure an unknown van or job by
        carried = [jobs[call.job] for call in route.calls]
        found += _load(van, carried)
        found += _times(problem, van, route, carried)
    return found


def _once(problem: Problem, plan: Plan) -> Iterator[Violation]:
    known_vans = {van.key for van in problem.vans}
    for van, rounds in Counter(route.van for route in plan.routes).items():
        if van not in known_vans:
            yield Violation(UNKNOWN_VAN, van)
        if rounds > 1:
            yield Violation(VAN_TWICE, van)
    yield from (Violation(EMPTY_ROUTE, route.van) for route in plan.routes if not route.calls)
    seen = Counter(call.job for route in plan.routes for call in route.calls)
    seen.update(entry.job for entry in plan.left_out)
    wanted = {job.key for job in problem.jobs}
    yield from (Violation(UNKNOWN_JOB, job) for job in seen if job not in wanted)
    yield from (Violation(JOB_TWICE, job) for job, times in seen.items() if times > 1)
    yield from (Violation(JOB_LOST, job) for job in sorted(wanted - set(seen)))


def _load(van: Van, carried: list[Job]) -> Iterator[Violation]:
    if sum(job.weight_g for job in carried) > van.weight_g:
        yield Violation(OVERWEIGHT, van.key)
    if sum(job.volume_cm3 for job in carried) > van.volume_cm3:
        yield Violation(OVERSIZE, van.key)
    yield from (Violation(SKILL_MISSING, job.key) for job in carried if job.skills - van.skills)


def _times(problem: Problem, van: Van, route: Route, carried: list[Job]) -> Iterator[Violation]:
    if route.departs_s < van.starts_s:
        yield Violation(BEFORE_SHIFT, van.key)
    place, free_s, travelled_m = DEPOT, route.departs_s, 0
    for call, job in zip(route.calls, carried, strict=True):
        if call.arrives_s < free_s + problem.durations[place][job.location]:
            yield Violation(TOO_FAST, job.key)
        if call.starts_s < max(job.opens_s, call.arrives_s):
            yield Violation(TOO_EARLY, job.key)
        if call.starts_s > job.closes_s:
            yield Violation(TOO_LATE, job.key)
        if call.leaves_s < call.starts_s + job.service_s:
            yield Violation(SERVICE_CUT, job.key)
        travelled_m += problem.distances[place][job.location]
        place, free_s = job.location, call.leaves_s
    if route.returns_s < free_s + problem.durations[place][DEPOT]:
        yield Violation(TOO_FAST, van.key)
    if route.returns_s > van.ends_s:
        yield Violation(AFTER_SHIFT, van.key)
    if route.distance_m != travelled_m + problem.distances[place][DEPOT]:
        yield Violation(WRONG_DISTANCE, van.key)
