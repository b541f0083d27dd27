"""An independent check of a plan; it shares no code with any planner, and nothing is published without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from logistics.policies.problem import (
    DELIVERY,
    PICKUP,
    VISIT,
    Call,
    Haul,
    Job,
    Plan,
    Problem,
    Route,
    Van,
    Window,
)

UNKNOWN_VAN: Final = "UNKNOWN_VAN"
VAN_TWICE: Final = "VAN_TWICE"
UNKNOWN_JOB: Final = "UNKNOWN_JOB"
JOB_TWICE: Final = "JOB_TWICE"
JOB_LOST: Final = "JOB_LOST"
GROUP_TWICE: Final = "GROUP_TWICE"
EMPTY_ROUTE: Final = "EMPTY_ROUTE"
OVERWEIGHT: Final = "OVERWEIGHT"
OVERSIZE: Final = "OVERSIZE"
OVERFULL: Final = "OVERFULL"
SKILL_MISSING: Final = "SKILL_MISSING"
OUT_OF_ORDER: Final = "OUT_OF_ORDER"
COLLECTED_TOO_SOON: Final = "COLLECTED_TOO_SOON"
FROZEN_MOVED: Final = "FROZEN_MOVED"
BEFORE_SHIFT: Final = "BEFORE_SHIFT"
BEFORE_RELEASE: Final = "BEFORE_RELEASE"
AFTER_SHIFT: Final = "AFTER_SHIFT"
TOO_LONG: Final = "TOO_LONG"
TOO_FAR: Final = "TOO_FAR"
TOO_EARLY: Final = "TOO_EARLY"
TOO_LATE: Final = "TOO_LATE"
TOO_FAST: Final = "TOO_FAST"
SERVICE_CUT: Final = "SERVICE_CUT"
WRONG_DISTANCE: Final = "WRONG_DISTANCE"
REST_MISSING: Final = "REST_MISSING"
REST_DISTURBED: Final = "REST_DISTURBED"

TOO_MUCH: Final = (OVERWEIGHT, OVERSIZE, OVERFULL)  # by dimension of capacity; any further one is counted


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: its kind and the van or job it concerns."""

    kind: str
    subject: str

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


@dataclass(frozen=True, slots=True)
class _Line:
    """A call with what it is about."""

    call: Call
    job: Job | Haul
    where: Window


def verify(problem: Problem, plan: Plan) -> list[Violation]:
    """Return every rule the plan breaks; an empty list means that it may be driven as it stands.

    Each job is served once or left out once, each van drives one round at most, loads fit in every dimension at every
    moment, skills suffice, goods are picked up before they are delivered, frozen stops stay, nobody drives faster than
    the roads allow, service starts in the opening hours and is not cut short, rests are taken, the round lies in the
    shift and its limits, and the stated distance is the distance.
    """
    found = list(_once(problem, plan))
    known: dict[str, Job | Haul] = {job.key: job for job in problem.jobs}
    known.update((haul.key, haul) for haul in problem.hauls)
    vans = {van.key: van for van in problem.vans}
    for route in plan.routes:
        van = vans.get(route.van)
        lines = [_line(call, known.get(call.job)) for call in route.calls]
        if van is None or None in lines:
            continue  # already found: there is nothing to measure an unknown van or job by
        held = [line for line in lines if line is not None]
        found += _order(problem, van, held)
        found += _load(van, held)
        found += _times(problem, van, route, held)
        found += _rests(van, route)
    return found


def _line(call: Call, job: Job | Haul | None) -> _Line | None:
    if isinstance(job, Job) and call.kind == VISIT:
        return _Line(call, job, Window(job.location, job.opens_s, job.closes_s, job.service_s))
    if isinstance(job, Haul) and call.kind in (PICKUP, DELIVERY):
        return _Line(call, job, job.pickup if call.kind == PICKUP else job.delivery)
    return None


def _once(problem: Problem, plan: Plan) -> Iterator[Violation]:
    known_vans = {van.key: van for van in problem.vans}
    driven = Counter(route.van for route in plan.routes)
    for van, rounds in driven.items():
        if van not in known_vans:
            yield Violation(UNKNOWN_VAN, van)
        if rounds > 1:
            yield Violation(VAN_TWICE, van)
    for van, one in known_vans.items():
        if one.frozen and not driven[van]:
            yield Violation(FROZEN_MOVED, van)
    yield from (Violation(EMPTY_ROUTE, route.van) for route in plan.routes if not route.calls)
    kinds = {job.key: (VISIT,) for job in problem.jobs} | {
        haul.key: (PICKUP, DELIVERY) for haul in problem.hauls
    }
    calls = Counter((call.job, call.kind) for route in plan.routes for call in route.calls)
    refused = Counter(entry.job for entry in plan.left_out)
    for job, kind in calls:
        if kind not in kinds.get(job, ()):
            yield Violation(UNKNOWN_JOB, job)
    yield from (Violation(UNKNOWN_JOB, job) for job in refused if job not in kinds)
    for job, wanted in kinds.items():
        times = [calls[job, kind] + refused[job] for kind in wanted]
        if max(times) > 1:
            yield Violation(JOB_TWICE, job)
        if min(times) < 1:
            yield Violation(JOB_LOST, job)
    served = Counter(job.group for job in problem.jobs if job.group and calls[job.key, VISIT])
    yield from (Violation(GROUP_TWICE, group) for group, times in served.items() if times > 1)


def _order(problem: Problem, van: Van, lines: Sequence[_Line]) -> Iterator[Violation]:
    done = [(line.call.job, line.call.kind) for line in lines]
    if done[: len(van.frozen)] != list(van.frozen):
        yield Violation(FROZEN_MOVED, van.key)
    for index, (job, kind) in enumerate(done):
        if kind == DELIVERY and (job, PICKUP) not in done[:index]:
            yield Violation(OUT_OF_ORDER, job)
        if kind == PICKUP and (job, DELIVERY) not in done[index + 1 :]:
            yield Violation(OUT_OF_ORDER, job)
    yield from (Violation(SKILL_MISSING, line.job.key) for line in lines if line.job.skills - van.skills)
    if problem.collect_last:
        drops = [any(line.job.load) for line in lines]
        last = max((index for index, dropped in enumerate(drops) if dropped), default=len(lines))
        for line, dropped in zip(lines[:last], drops[:last], strict=True):
            if not dropped:
                yield Violation(COLLECTED_TOO_SOON, line.job.key)


def _load(van: Van, lines: Sequence[_Line]) -> Iterator[Violation]:
    """Weigh the van when it leaves and after each call."""
    dimensions = max([len(van.capacity), *(len(_both(line.job)) for line in lines)])
    for dimension in range(dimensions):
        aboard = sum(_of(line.job.load, dimension) for line in lines if isinstance(line.job, Job))
        most = aboard
        for line in lines:
            amount = _of(line.job.load, dimension)
            aboard += amount if line.call.kind == PICKUP else -amount
            if isinstance(line.job, Job):
                aboard += _of(line.job.collects, dimension)
            most = max(most, aboard)
        if most > _of(van.capacity, dimension):
            yield Violation(TOO_MUCH[min(dimension, 2)], van.key)


def _both(job: Job | Haul) -> Sequence[int]:
    return max(job.load, job.collects, key=len) if isinstance(job, Job) else job.load


def _of(load: Sequence[int], dimension: int) -> int:
    return load[dimension] if dimension < len(load) else 0


def _times(problem: Problem, van: Van, route: Route, lines: Sequence[_Line]) -> Iterator[Violation]:
    if route.departs_s < van.starts_s:
        yield Violation(BEFORE_SHIFT, van.key)
    place, free_s, travelled_m = van.start, route.departs_s, 0
    for line in lines:
        call, where = line.call, line.where
        if isinstance(line.job, Job) and route.departs_s < line.job.released_s:
            yield Violation(BEFORE_RELEASE, line.job.key)
        if call.arrives_s < free_s + problem.durations[place][where.location]:
            yield Violation(TOO_FAST, call.job)
        if call.starts_s < max(where.opens_s, call.arrives_s):
            yield Violation(TOO_EARLY, call.job)
        if call.starts_s > where.closes_s:
            yield Violation(TOO_LATE, call.job)
        if call.leaves_s < call.starts_s + where.service_s:
            yield Violation(SERVICE_CUT, call.job)
        travelled_m += problem.distances[place][where.location]
        place, free_s = where.location, call.leaves_s
    if route.returns_s < free_s + problem.durations[place][van.end]:
        yield Violation(TOO_FAST, van.key)
    yield from _limits(van, route, travelled_m + problem.distances[place][van.end])
    yield from _disturbed(problem, van, route, lines)


def _limits(van: Van, route: Route, travelled_m: int) -> Iterator[Violation]:
    if route.returns_s > van.ends_s:
        yield Violation(AFTER_SHIFT, van.key)
    if route.returns_s - route.departs_s > van.max_duration_s:
        yield Violation(TOO_LONG, van.key)
    if travelled_m > van.max_distance_m:
        yield Violation(TOO_FAR, van.key)
    if route.distance_m != travelled_m:
        yield Violation(WRONG_DISTANCE, van.key)


def _disturbed(problem: Problem, van: Van, route: Route, lines: Sequence[_Line]) -> Iterator[Violation]:
    """Find rests during which the van serves or must have driven."""
    stops = [van.start, *(line.where.location for line in lines), van.end]
    leaves = [route.departs_s, *(line.call.leaves_s for line in lines)]
    arrives = [*(line.call.arrives_s for line in lines), route.returns_s]
    starts = [*(line.call.starts_s for line in lines), route.returns_s]
    for gap in range(len(leaves)):
        taken = sorted((pause.starts_s, pause.ends_s) for pause in route.pauses if pause.after == gap)
        driving, free_s = problem.durations[stops[gap]][stops[gap + 1]], leaves[gap]
        for begins, ends in taken:
            on_the_road = ends <= arrives[gap]
            if begins < free_s or ends > starts[gap] or not (on_the_road or begins >= arrives[gap]):
                yield Violation(REST_DISTURBED, van.key)
            driving += ends - begins if on_the_road else 0
            free_s = ends
        if arrives[gap] < leaves[gap] + driving:
            yield Violation(REST_DISTURBED, van.key)
    if any(not 0 <= pause.after < len(leaves) for pause in route.pauses):
        yield Violation(REST_DISTURBED, van.key)


def _rests(van: Van, route: Route) -> Iterator[Violation]:
    """Match rests owed, the first to end first, with the pauses that were long enough."""
    pauses = sorted(route.pauses, key=lambda pause: pause.starts_s)
    for rest in sorted(van.rests, key=lambda rest: rest.closes_s):
        if not route.departs_s <= rest.closes_s < route.returns_s:
            continue
        fitting = [
            pause
            for pause in pauses
            if rest.opens_s <= pause.starts_s <= rest.closes_s
            and pause.ends_s - pause.starts_s >= rest.length_s
        ]
        if not fitting:
            yield Violation(REST_MISSING, van.key)
            continue
        pauses.remove(fitting[0])
