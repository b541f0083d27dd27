"""What a plan amounts to: cost, distance, time, load, and what it leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from logistics.policies.problem import PICKUP, Job, Load, Plan, Problem, Route, Van

COST_UNITS = (
    100_000  # in one unit of the currency, where live trips are planned: planners count in whole numbers
)


@dataclass(frozen=True, slots=True)
class RouteFigures:
    """One round: `peak` is the largest load aboard in each dimension, `empty_m` what is driven with nothing aboard."""

    van: str
    cost: int
    distance_m: int
    empty_m: int
    duration_s: int
    driving_s: int
    service_s: int
    waiting_s: int
    resting_s: int
    stops: int
    peak: Load


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """All rounds; `lost` is the worth of what was left out though it has a price."""

    routes: tuple[RouteFigures, ...]
    cost: int
    lost: int
    distance_m: int
    empty_m: int
    duration_s: int
    stops: int
    fill_percent: tuple[int, ...]
    left_out: dict[str, int]


def measure(problem: Problem, plan: Plan) -> PlanFigures:
    """Return what a plan amounts to; costs in the units of its vans, fill as load over capacity of the vans used."""
    vans = {van.key: van for van in problem.vans}
    jobs = {job.key: job for job in problem.wanted}
    routes = tuple(_route(problem, vans[route.van], route) for route in plan.routes)
    dimensions = max((len(van.capacity) for van in problem.vans), default=0)
    return PlanFigures(
        routes=routes,
        cost=sum(route.cost for route in routes),
        lost=sum(jobs[entry.job].worth or 0 for entry in plan.left_out),
        distance_m=sum(route.distance_m for route in routes),
        empty_m=sum(route.empty_m for route in routes),
        duration_s=sum(route.duration_s for route in routes),
        stops=sum(route.stops for route in routes),
        fill_percent=tuple(_fill(routes, vans, dimension) for dimension in range(dimensions)),
        left_out=dict(Counter(entry.reason for entry in plan.left_out)),
    )


def _fill(routes: Sequence[RouteFigures], vans: dict[str, Van], dimension: int) -> int:
    room = sum(vans[route.van].capacity[dimension] for route in routes)
    return sum(route.peak[dimension] for route in routes) * 100 // room if room else 0


def _route(problem: Problem, van: Van, route: Route) -> RouteFigures:
    jobs = {job.key: job for job in problem.wanted}
    size = len(van.capacity)
    aboard = [0] * size
    for call in route.calls:
        job = jobs[call.job]
        if isinstance(job, Job):
            aboard = _plus(aboard, job.load, 1)
    peak, here, empty_m, driving_s, service_s = list(aboard), van.start, 0, 0, 0
    for call in route.calls:
        job, task = jobs[call.job], problem.tasks[call.job, call.kind]
        there = task.where.location
        empty_m += 0 if any(aboard) else problem.distances[here][there]
        driving_s += problem.durations[here][there]
        service_s += call.leaves_s - call.starts_s
        aboard = _plus(aboard, job.load, 1 if call.kind == PICKUP else -1)
        if isinstance(job, Job):
            aboard = _plus(aboard, job.collects, 1)
        peak = [max(one, other) for one, other in zip(peak, aboard, strict=True)]
        here = there
    empty_m += 0 if any(aboard) else problem.distances[here][van.end]
    driving_s += problem.durations[here][van.end]
    resting_s = sum(pause.ends_s - pause.starts_s for pause in route.pauses)
    return RouteFigures(
        van=van.key,
        cost=van.fixed_cost + van.cost_per_m * route.distance_m + van.cost_per_s * route.duration_s,
        distance_m=route.distance_m,
        empty_m=empty_m,
        duration_s=route.duration_s,
        driving_s=driving_s,
        service_s=service_s,
        waiting_s=max(0, route.duration_s - driving_s - service_s - resting_s),
        resting_s=resting_s,
        stops=len(route.calls),
        peak=tuple(peak),
    )


def _plus(aboard: list[int], load: Sequence[int], sign: int) -> list[int]:
    return [amount + sign * (load[index] if index < len(load) else 0) for index, amount in enumerate(aboard)]
