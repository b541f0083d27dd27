"""A planning problem as PyVRP has it, and its answers as routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from logistics.policies import timing
from logistics.policies.problem import (
    DELIVERY,
    FOREVER,
    PICKUP,
    VISIT,
    Haul,
    Job,
    Plan,
    Problem,
    Route,
    Task,
    Van,
    by_kind,
)

FORBIDDEN = 10_000_000  # metres and seconds of a leg a van may not drive, at least: beyond any shift

Places = dict[
    tuple[int, frozenset[str] | None], int
]  # (location, skills needed, None for a depot) -> PyVRP's own


@dataclass(frozen=True)
class Model:
    """A problem as PyVRP has it, and the way back."""

    problem: Problem
    kinds: list[list[Van]]
    data: Any
    prize: int

    @classmethod
    def of(cls, problem: Problem, *, all_of_it: bool) -> Model:
        """Return the model of a problem; vans that differ by their key alone are one type.

        With `all_of_it` whatever has no worth has to be served: searched twice as fast, when it can be done.
        """
        import pyvrp

        kinds = by_kind(problem.vans)
        skills = sorted({vans[0].skills for vans in kinds}, key=sorted)
        depots = sorted({place for vans in kinds for place in (vans[0].start, vans[0].end)})
        dimensions = max(len(vans[0].capacity) for vans in kinds)
        prize = _prize(problem, kinds)
        groups = _groups(problem.jobs)
        places = _places(problem, depots)
        data = pyvrp.ProblemData(
            locations=[pyvrp.Location(0, 0) for _ in places],
            clients=[
                _client(job, places, dimensions, 0 if all_of_it else prize, groups) for job in problem.jobs
            ],
            depots=[pyvrp.Depot(location=index) for index in range(len(depots))],
            vehicle_types=[
                _vehicle_type(vans, dimensions, depots, skills.index(vans[0].skills)) for vans in kinds
            ],
            distance_matrices=_matrices(problem, problem.distances, places, skills),
            duration_matrices=_matrices(problem, problem.durations, places, skills),
            groups=[
                pyvrp.ClientGroup(members, required=all_of_it and _is_wanted(problem.jobs, members))
                for members in groups.values()
            ],
            shipments=[
                _shipment(haul, places, dimensions, 0 if all_of_it else prize) for haul in problem.hauls
            ],
        )
        return cls(problem, kinds, data, prize)

    def routes(self, solution: Any) -> list[Route]:
        """Return the routes of a solution that may be driven, timed anew."""
        free = [list(vans) for vans in self.kinds]
        made = []
        for route in solution.routes():
            tasks = [task for step in route.schedule() if (task := self._task(step))]
            if tasks and route.is_feasible():
                van = free[route.vehicle_type()].pop(0)
                made.append(
                    timing.schedule(self.problem, van, tasks, not_before_s=released(self.problem, tasks))
                )
        return made

    def _task(self, step: Any) -> Task | None:
        if step.is_client():
            return self.problem.tasks[self.problem.jobs[step.idx].key, VISIT]
        if step.is_shipment():
            kind = PICKUP if step.is_pickup() else DELIVERY
            return self.problem.tasks[self.problem.hauls[step.idx].key, kind]
        return None

    def solution(self, plan: Plan) -> Any:
        """Return a plan as a solution of this model."""
        import pyvrp
        from pyvrp import Activity, ActivityType

        jobs = {job.key: index for index, job in enumerate(self.problem.jobs)}
        hauls = {haul.key: index for index, haul in enumerate(self.problem.hauls)}
        types = {van.key: index for index, vans in enumerate(self.kinds) for van in vans}
        names = {PICKUP: ActivityType.PICKUP, DELIVERY: ActivityType.DELIVERY}
        routes = [
            pyvrp.Route(
                self.data,
                [
                    Activity(ActivityType.CLIENT, jobs[call.job])
                    if call.kind == VISIT
                    else Activity(names[call.kind], hauls[call.job])
                    for call in route.calls
                ],
                types[route.van],
            )
            for route in plan.routes
        ]
        return pyvrp.Solution(self.data, routes)


def released(problem: Problem, tasks: Sequence[Task]) -> int:
    """Return the moment from which everything a round carries is there to be loaded."""
    wanted = {task.job for task in tasks}
    return max((job.released_s for job in problem.jobs if job.released_s and job.key in wanted), default=0)


def _pad(load: Sequence[int], dimensions: int) -> list[int]:
    return [*load, *[0] * (dimensions - len(load))]


def _groups(jobs: Sequence[Job]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for index, job in enumerate(jobs):
        if job.group:
            groups.setdefault(job.group, []).append(index)
    return groups


def _is_wanted(jobs: Sequence[Job], members: Sequence[int]) -> bool:
    return all(jobs[index].worth is None for index in members)


def _client(job: Job, places: Places, dimensions: int, prize: int, groups: dict[str, list[int]]) -> Any:
    import pyvrp

    return pyvrp.Client(
        location=places[job.location, job.skills],
        delivery=_pad(job.load, dimensions),
        pickup=_pad(job.collects, dimensions),
        service_duration=job.service_s,
        tw_early=job.opens_s,
        tw_late=job.closes_s,
        release_time=job.released_s,
        prize=prize * job.priority if job.worth is None else job.worth,
        required=not prize and job.worth is None and not job.group,
        group=list(groups).index(job.group) if job.group else None,
    )


def _shipment(haul: Haul, places: Places, dimensions: int, prize: int) -> Any:
    import pyvrp

    return pyvrp.Shipment(
        pickup_location=places[haul.pickup.location, haul.skills],
        delivery_location=places[haul.delivery.location, haul.skills],
        pickup_tw_early=haul.pickup.opens_s,
        pickup_tw_late=haul.pickup.closes_s,
        pickup_service_duration=haul.pickup.service_s,
        delivery_tw_early=haul.delivery.opens_s,
        delivery_tw_late=haul.delivery.closes_s,
        delivery_service_duration=haul.delivery.service_s,
        amount=_pad(haul.load, dimensions),
        prize=prize * haul.priority if haul.worth is None else haul.worth,
        required=not prize and haul.worth is None,
    )


def _vehicle_type(vans: Sequence[Van], dimensions: int, depots: Sequence[int], profile: int) -> Any:
    import pyvrp

    van = vans[0]
    limits: dict[str, Any] = {}
    if van.max_duration_s < FOREVER:
        limits["shift_duration"] = van.max_duration_s
    if van.max_distance_m < FOREVER:
        limits["max_distance"] = van.max_distance_m
    return pyvrp.VehicleType(
        num_available=len(vans),
        capacity=_pad(van.capacity, dimensions),
        start_depot=depots.index(van.start),
        end_depot=depots.index(van.end),
        fixed_cost=van.fixed_cost,
        tw_early=van.starts_s,
        tw_late=van.ends_s,
        unit_distance_cost=van.cost_per_m,
        unit_duration_cost=van.cost_per_s,
        profile=profile,
        **limits,
    )


def _places(problem: Problem, depots: Sequence[int]) -> Places:
    """Number the depots, then each location once for every set of skills that something at it needs."""
    asked = {(job.location, job.skills) for job in problem.jobs}
    for haul in problem.hauls:
        asked |= {(haul.pickup.location, haul.skills), (haul.delivery.location, haul.skills)}
    wanted = [*((place, None) for place in depots), *sorted(asked, key=lambda one: (one[0], sorted(one[1])))]
    return {place: index for index, place in enumerate(wanted)}


def _matrices(problem: Problem, full: Any, places: Places, skill_sets: Sequence[frozenset[str]]) -> list[Any]:
    """Return a matrix for each set of skills, with every leg such a van may not drive forbidden."""
    import numpy as np

    rows = [location for location, _ in places]
    base = np.asarray(full, dtype=np.int64)[np.ix_(rows, rows)]
    far = max(FORBIDDEN, 10 * int(base.max(initial=0)))
    if problem.collect_last:
        dropping = [bool(any(job.load)) for job in problem.jobs]
        spots = [places[job.location, job.skills] for job in problem.jobs]
        drops = [spot for spot, drop in zip(spots, dropping, strict=True) if drop]
        collects = [spot for spot, drop in zip(spots, dropping, strict=True) if not drop]
        base[np.ix_(collects, drops)] = far
        base[np.ix_([index for (_, needed), index in places.items() if needed is None], collects)] = far
    made = []
    for skills in skill_sets:
        closed = [
            index for (_, needed), index in places.items() if needed is not None and not needed <= skills
        ]
        matrix = base.copy() if closed else base
        if closed:
            matrix[closed, :] = far
            matrix[:, closed] = far
        np.fill_diagonal(matrix, 0)
        made.append(matrix)
    return made


def _prize(problem: Problem, kinds: Sequence[Sequence[Van]]) -> int:
    """Return what serving a job is worth: more than the dearest round that serves it alone."""
    farthest, slowest = max(map(max, problem.distances)), max(map(max, problem.durations))
    return 1 + max(_dearest(vans[0], farthest, slowest) for vans in kinds)


def _dearest(van: Van, farthest_m: int, slowest_s: int) -> int:
    longest_s = min(van.ends_s - van.starts_s, van.max_duration_s)
    hours = van.cost_per_s * (longest_s if longest_s < FOREVER // 2 else 4 * slowest_s)
    return van.fixed_cost + 4 * farthest_m * van.cost_per_m + 2 * hours
