"""Routes by PyVRP (Wouda, Lan, Kool: PyVRP, a high-performance VRP solver package, INFORMS J. Computing 2024)."""

from __future__ import annotations

from typing import Any

from logistics.policies.problem import DEPOT, Job, LeftOut, Plan, Problem, Route, Van, drive
from logistics.policies.screening import FLEET_FULL, screen

SEED = 20_240_117  # any; the same problem gives the same plan unless the time limit cuts in
PATIENCE = (
    150  # iterations without a better plan, times the square root of the jobs, after which it is good enough
)
FORBIDDEN = 1_000_000  # metres and seconds of a leg a van may not drive: beyond any shift


def plan(problem: Problem, *, seconds: float) -> Plan:
    """Plan the jobs that some van can serve; leave out the others with their reason.

    Capacity by weight and volume, opening hours, shifts, skills; as many jobs as possible by priority, then at the
    least cost. The result is this module's opinion: verify it before use.
    """
    refused = screen(problem)
    left_out = {entry.job for entry in refused}
    jobs = tuple(job for job in problem.jobs if job.key not in left_out)
    if not jobs:
        return Plan((), tuple(refused))
    best = _solve(problem, jobs, seconds)
    routes: list[Route] = []
    planned: set[str] = set()
    for route in best.routes():
        visits = tuple(jobs[step.idx] for step in route.schedule() if step.is_client())
        if not visits or not route.is_feasible():
            continue
        van = problem.vans[route.vehicle_type()]
        routes.append(drive(problem, van, visits, route.start_time()))
        planned.update(job.key for job in visits)
    refused += [LeftOut(job.key, FLEET_FULL) for job in jobs if job.key not in planned]
    return Plan(tuple(routes), tuple(refused))


def _solve(problem: Problem, jobs: tuple[Job, ...], seconds: float) -> Any:
    import pyvrp
    from pyvrp.stop import MaxRuntime, MultipleCriteria, NoImprovement

    skill_sets = sorted({van.skills for van in problem.vans}, key=sorted)
    prize = _prize(problem)
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(jobs) + 1)],
        clients=[
            pyvrp.Client(
                location=index,
                delivery=[job.weight_g, job.volume_cm3],
                service_duration=job.service_s,
                tw_early=job.opens_s,
                tw_late=job.closes_s,
                prize=prize * job.priority,
                required=False,
            )
            for index, job in enumerate(jobs, start=1)
        ],
        depots=[pyvrp.Depot(location=0)],
        vehicle_types=[
            pyvrp.VehicleType(
                capacity=[van.weight_g, van.volume_cm3],
                tw_early=van.starts_s,
                tw_late=van.ends_s,
                unit_distance_cost=van.cost_per_m,
                unit_duration_cost=van.cost_per_s,
                profile=skill_sets.index(van.skills),
            )
            for van in problem.vans
        ],
        distance_matrices=[_matrix(problem.distances, jobs, skills) for skills in skill_sets],
        duration_matrices=[_matrix(problem.durations, jobs, skills) for skills in skill_sets],
    )
    enough = NoImprovement(int(PATIENCE * max(1, len(jobs)) ** 0.5))
    stop = MultipleCriteria([MaxRuntime(seconds), enough])
    # Breaking a rule by the smallest unit must be able to cost more than serving a job is worth: with the default
    # limit the search may prefer an overloaded van, and never find a plan that may be driven.
    params = pyvrp.SolveParams(penalty=pyvrp.PenaltyParams(max_penalty=float(prize)))
    return pyvrp.solve(data, stop=stop, seed=SEED, collect_stats=False, display=False, params=params).best


def _matrix(full: tuple[tuple[int, ...], ...], jobs: tuple[Job, ...], skills: frozenset[str]) -> Any:
    """Return the rows of the depot and the jobs, with every leg to or from a job beyond `skills` forbidden."""
    import numpy as np

    places = [DEPOT, *(job.location for job in jobs)]
    matrix = np.asarray(full, dtype=np.int64)[np.ix_(places, places)]
    closed = [index for index, job in enumerate(jobs, start=1) if not job.skills <= skills]
    matrix[closed, :] = FORBIDDEN
    matrix[:, closed] = FORBIDDEN
    np.fill_diagonal(matrix, 0)
    return matrix


def _prize(problem: Problem) -> int:
    """Return what serving a job is worth: more than the dearest round that serves it alone."""
    farthest = max(map(max, problem.distances))
    return 1 + 2 * max(_dearest(van, farthest) for van in problem.vans)


def _dearest(van: Van, farthest_m: int) -> int:
    return 2 * farthest_m * van.cost_per_m + (van.ends_s - van.starts_s) * van.cost_per_s
