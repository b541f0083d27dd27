"""Stops that stay as they are: a van with a frozen beginning is planned as one that starts where that ends."""

from __future__ import annotations

from dataclasses import replace

from logistics.policies import timing
from logistics.policies.problem import VISIT, Job, Plan, Problem, Route, Task, Van


def thaw(problem: Problem) -> Problem:
    """Return what is left to plan when the frozen beginnings of all rounds are driven.

    What a van drops at frozen stops still takes room until then, and what it collects there from then on; both are
    kept out of its capacity for the rest, which is exact unless frozen stops both drop and collect.
    """
    if not any(van.frozen for van in problem.vans):
        return problem
    held = {job for van in problem.vans for job, _ in van.frozen}
    return replace(
        problem,
        jobs=tuple(job for job in problem.jobs if job.key not in held),
        hauls=tuple(haul for haul in problem.hauls if haul.key not in held),
        vans=tuple(_later(problem, van) if van.frozen else van for van in problem.vans),
    )


def freeze(problem: Problem, plan: Plan, *, not_before_s: int = 0) -> Plan:
    """Put the frozen beginnings in front of the routes of a plan of the thawed problem, timed anew."""
    if not any(van.frozen for van in problem.vans):
        return plan
    found = {route.van: route for route in plan.routes}
    routes: list[Route] = []
    for van in problem.vans:
        route = found.get(van.key)
        tasks = beginning(problem, van)
        if not tasks and route is None:
            continue
        if not tasks:
            routes.append(route)  # type: ignore[arg-type]
            continue
        tasks += [problem.tasks[call.job, call.kind] for call in (route.calls if route else ())]
        routes.append(timing.schedule(problem, van, tasks, not_before_s=not_before_s))
    return replace(plan, routes=tuple(routes))


def beginning(problem: Problem, van: Van) -> list[Task]:
    """Return the frozen tasks of a van in order."""
    return [problem.tasks[step] for step in van.frozen]


def _later(problem: Problem, van: Van) -> Van:
    tasks = beginning(problem, van)
    driven = timing.drive(problem, van, tasks, van.starts_s)
    jobs = {job.key: job for job in problem.jobs}
    room = list(van.capacity)
    for key, kind in van.frozen:
        if kind == VISIT:
            room = _without(room, jobs[key])
    done = driven.calls[-1].leaves_s
    last = tasks[-1].where.location
    before_m = driven.distance_m - problem.distances[last][van.end]
    return replace(
        van,
        start=last,
        starts_s=done,
        capacity=tuple(room),
        fixed_cost=0,
        max_duration_s=max(0, van.max_duration_s - (done - driven.departs_s)),
        max_distance_m=max(0, van.max_distance_m - before_m),
        rests=tuple(rest for rest in van.rests if rest.closes_s >= done),
        frozen=(),
    )


def _without(room: list[int], job: Job) -> list[int]:
    taken = [*job.load, *[0] * len(room)]
    more = [*job.collects, *[0] * len(room)]
    return [amount - taken[index] - more[index] for index, amount in enumerate(room)]
