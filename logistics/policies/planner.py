"""The planner in use: VROOM at once, PyVRP for the rest of the time, rests put in, and the verifier's choice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from logistics.policies import freezing, pyvrp_planner, screening, timing, vroom_planner
from logistics.policies.figures import measure
from logistics.policies.problem import Job, LeftOut, Plan, Problem, Report, Route, Van
from logistics.policies.pyvrp_model import released
from logistics.policies.pyvrp_planner import SEED, Found
from logistics.policies.verifier import verify

AT_ONCE_S = 0.2  # with less time than this VROOM's plan is the answer, which takes it as long as it takes
VROOM_S = 10.0
LARGE = 200  # visits from which VROOM may outlive all time there is: it is asked last
FIRST = 0.6  # of the time, for the search before it


def plan(
    problem: Problem,
    *,
    seconds: float,
    warm: Plan | None = None,
    seed: int = SEED,
    report: Report | None = None,
    found: Found | None = None,
) -> Plan:
    """Plan within `seconds`: the best verified plan by what it serves, then by what it costs.

    `found` is told every better plan as soon as there is one, so that a planner that is cut off leaves its best.
    `warm` is a plan to start from, as when an older one is made anew. What is left out has its reason. A plan without
    a route is always valid, unless stops are frozen.
    """
    ends = time.monotonic() + seconds
    held = {job for van in problem.vans for job, _ in van.frozen}
    refused = [entry for entry in screening.screen(problem) if entry.job not in held]
    out = {entry.job for entry in refused}
    rest = freezing.thaw(_without(problem, out))
    best: Plan | None = None

    def consider(opinion: Plan) -> None:
        nonlocal best
        whole = _complete(problem, rest, opinion, refused)
        if verify(problem, whole) or (best is not None and _rank(problem, whole) >= _rank(problem, best)):
            return
        best = whole
        if found:
            found(best)

    _ask(rest, ends, _thawed(rest, warm), report, consider, seed)
    return best if best is not None else _complete(problem, rest, Plan(), refused)


def _without(problem: Problem, out: set[str]) -> Problem:
    return replace(
        problem,
        jobs=tuple(job for job in problem.jobs if job.key not in out),
        hauls=tuple(haul for haul in problem.hauls if haul.key not in out),
    )


def _ask(
    problem: Problem, ends: float, warm: Plan | None, report: Report | None, consider: Found, seed: int
) -> None:
    """Ask the solvers one after the other; every plan of theirs is considered with the rests of its vans put in.

    VROOM answers when there is no time to search, and when drivers rest, which PyVRP knows nothing of. Who is killed
    for taking too long leaves what was considered before.
    """
    if not (problem.jobs or problem.hauls):
        consider(Plan())
        return

    def rest(plan: Plan) -> None:
        consider(_rested(problem, plan))

    def at_once() -> None:
        if report:
            report(0.0, "STARTING")
        rest(vroom_planner.plan(problem, seconds=max(ends - time.monotonic(), VROOM_S)))

    left = ends - time.monotonic()
    asks_vroom = vroom_planner.can_plan(problem) and (
        left < AT_ONCE_S or any(van.rests for van in problem.vans)
    )
    comes_last = asks_vroom and left >= AT_ONCE_S and problem.size >= LARGE
    if asks_vroom and not comes_last:
        at_once()
        if left < AT_ONCE_S:
            return
    left = max(AT_ONCE_S, (FIRST if comes_last else 1.0) * (ends - time.monotonic()))
    rest(pyvrp_planner.plan(problem, seconds=left, warm=warm, seed=seed, report=report, found=rest))
    if comes_last:
        at_once()


def _thawed(rest: Problem, warm: Plan | None) -> Plan | None:
    """Return what is left of an older plan in the problem as it is now."""
    if warm is None:
        return None
    vans = {van.key for van in rest.vans}
    routes = []
    for route in warm.routes:
        calls = tuple(call for call in route.calls if (call.job, call.kind) in rest.tasks)
        if calls and route.van in vans:
            routes.append(replace(route, calls=calls))
    return Plan(tuple(routes))


def _rested(problem: Problem, plan: Plan) -> Plan:
    """Leave out of each route what its rests leave no time for, the least urgent and dearest detour first."""
    vans = {van.key: van for van in problem.vans}
    if not any(vans[route.van].rests for route in plan.routes):
        return plan
    shorter = [_shortened(problem, vans[route.van], route) for route in plan.routes]
    return Plan(tuple(route for route in shorter if route.calls))


def _shortened(problem: Problem, van: Van, route: Route) -> Route:
    urgency = {job.key: job.priority for job in problem.wanted}
    while route.calls and timing.lateness(problem, van, route):
        keys = dict.fromkeys(call.job for call in route.calls)
        route = min(
            (_less(problem, van, route, key) for key in keys),
            key=lambda made: (
                timing.lateness(problem, van, made) > 0,
                -sum(urgency[call.job] for call in made.calls),
                timing.lateness(problem, van, made),
                made.duration_s,
            ),
        )
    return route


def _less(problem: Problem, van: Van, route: Route, key: str) -> Route:
    tasks = [problem.tasks[call.job, call.kind] for call in route.calls if call.job != key]
    return timing.schedule(problem, van, tasks, not_before_s=released(problem, tasks))


def _complete(problem: Problem, rest: Problem, plan: Plan, refused: Sequence[LeftOut]) -> Plan:
    """Put frozen stops back in front, and name what no route serves."""
    whole = freezing.freeze(problem, plan)
    served = {call.job for route in whole.routes for call in route.calls}
    groups = {job.group for job in problem.jobs if job.group and job.key in served}
    left = list(refused)
    for job in rest.wanted:
        if job.key in served:
            continue
        reason = screening.FLEET_FULL if job.worth is None else screening.NOT_WORTH_IT
        if isinstance(job, Job) and job.group in groups:
            reason = screening.ANOTHER_SERVED
        left.append(LeftOut(job.key, reason))
    return replace(whole, left_out=tuple(left))


def _rank(problem: Problem, plan: Plan) -> tuple[int, int]:
    """Return what a plan leaves undone by priority, then its cost with the worth of what it gives up."""
    priorities = {job.key: job.priority for job in problem.wanted if job.worth is None}
    undone = sum(
        priorities.get(entry.job, 0) for entry in plan.left_out if entry.reason != screening.ANOTHER_SERVED
    )
    figures = measure(problem, plan)
    return undone, figures.cost + figures.lost
