"""Routes at once, and with rests, by VROOM (vroom-project.org, BSD-2) through pyvroom; one thread, level 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from logistics.policies import timing
from logistics.policies.problem import DELIVERY, FOREVER, PICKUP, VISIT, Haul, Job, Plan, Problem, Task, Van

LEVEL = 0  # of exploration: higher ones cost minutes above 200 visits (measured, see docs/adr)
LARGEST = 1_000_000  # cost of a leg: VROOM refuses matrices whose sums might overflow


def can_plan(problem: Problem) -> bool:
    """Tell whether VROOM knows every rule of a problem: not limits of duration, release times, groups or worths."""
    return not (
        problem.collect_last
        or any(job.group or job.released_s or job.worth is not None for job in problem.jobs)
        or any(haul.worth is not None for haul in problem.hauls)
        or any(van.max_duration_s < FOREVER for van in problem.vans)
    )


def plan(problem: Problem, *, seconds: float) -> Plan:
    """Plan what fits by capacity, hours, shifts, rests, skills and priority; what is in no route did not.

    VROOM does not keep closely to `seconds`. Times are set anew; the result is this module's opinion: verify it.
    """
    import vroom

    asked = vroom.Input()
    scale = _add_roads(asked, problem)
    tasks, skills = _add_jobs(asked, problem), _Skills.of(problem)
    asked.add_vehicle([_vehicle(van, number, skills, scale) for number, van in enumerate(problem.vans)])
    limit = timedelta(seconds=max(0.1, seconds))
    answer = asked.solve(exploration_level=LEVEL, nb_threads=1, timeout=limit)
    visited: dict[int, list[Task]] = {}
    for step in answer._routes_numpy():
        if step["type"].tobytes().rstrip(b"\0").decode() in ("job", "pickup", "delivery"):
            visited.setdefault(int(step["vehicle_id"]), []).append(tasks[int(step["id"])])
    return Plan(
        tuple(timing.schedule(problem, problem.vans[van], done) for van, done in sorted(visited.items()))
    )


@dataclass(frozen=True, slots=True)
class _Skills:
    """Skills as VROOM's numbers."""

    numbers: dict[str, int]

    @classmethod
    def of(cls, problem: Problem) -> _Skills:
        """Number every skill that a job, a haul or a van names."""
        asked = [one.skills for one in problem.wanted] + [van.skills for van in problem.vans]
        named = {name for skills in asked for name in skills}
        return cls({name: number for number, name in enumerate(sorted(named), start=1)})

    def __call__(self, names: frozenset[str]) -> set[int]:
        """Return the numbers of some skills."""
        return {self.numbers[name] for name in names}


def _profile(van: Van) -> str:
    return f"{van.cost_per_m}/{van.cost_per_s}"


def _add_roads(asked: Any, problem: Problem) -> int:
    """Give durations to each profile, and what a leg costs a van of it, scaled by what it returns."""
    import numpy as np

    distances = np.asarray(problem.distances, dtype=np.int64)
    durations = np.asarray(problem.durations, dtype=np.int64)
    scale = _scale(problem, distances, durations)
    for van in {_profile(van): van for van in problem.vans}.values():
        costs = (distances * van.cost_per_m + durations * van.cost_per_s) // scale
        asked.set_durations_matrix(_profile(van), durations.astype(np.uint32))
        asked.set_distances_matrix(_profile(van), distances.astype(np.uint32))
        asked.set_costs_matrix(_profile(van), costs.astype(np.uint32))
    return scale


def _scale(problem: Problem, distances: Any, durations: Any) -> int:
    dearest = max(
        int(distances.max(initial=0)) * van.cost_per_m
        + int(durations.max(initial=0)) * van.cost_per_s
        + van.fixed_cost
        for van in problem.vans
    )
    return max(1, -(-dearest // LARGEST))


def _add_jobs(asked: Any, problem: Problem) -> dict[int, Task]:
    import vroom

    skills, dimensions = _Skills.of(problem), max(len(van.capacity) for van in problem.vans)
    tasks: dict[int, Task] = {}
    made: list[Any] = []
    for job in problem.jobs:
        number = len(tasks) + 1
        tasks[number] = problem.tasks[job.key, VISIT]
        made.append(
            vroom.Job(
                number,
                location=job.location,
                default_service=job.service_s,
                delivery=vroom.Amount(_pad(job.load, dimensions)),
                pickup=vroom.Amount(_pad(job.collects, dimensions)),
                skills=skills(job.skills),
                priority=_priority(job),
                time_windows=[vroom.TimeWindow(job.opens_s, job.closes_s)],
            )
        )
    for haul in problem.hauls:
        number = len(tasks) + 1
        tasks[number], tasks[number + 1] = (problem.tasks[haul.key, kind] for kind in (PICKUP, DELIVERY))
        ends = [
            vroom.ShipmentStep(
                number + index,
                location=end.location,
                default_service=end.service_s,
                time_windows=[vroom.TimeWindow(end.opens_s, end.closes_s)],
            )
            for index, end in enumerate((haul.pickup, haul.delivery))
        ]
        made.append(
            vroom.Shipment(
                *ends,
                amount=vroom.Amount(_pad(haul.load, dimensions)),
                skills=skills(haul.skills),
                priority=_priority(haul),
            )
        )
    asked.add_job(made)
    return tasks


def _vehicle(van: Van, number: int, skills: _Skills, scale: int) -> Any:
    import vroom

    rests = [
        vroom.Break(index, [vroom.TimeWindow(rest.opens_s, rest.closes_s)], rest.length_s)
        for index, rest in enumerate(van.rests)
    ]
    return vroom.Vehicle(
        number,
        start=van.start,
        end=van.end,
        profile=_profile(van),
        capacity=vroom.Amount(list(van.capacity)),
        skills=skills(van.skills),
        time_window=vroom.TimeWindow(van.starts_s, van.ends_s),
        breaks=rests,
        costs=vroom.VehicleCosts(fixed=van.fixed_cost // scale),
        **({"max_distance": van.max_distance_m} if van.max_distance_m < FOREVER else {}),
    )


def _priority(job: Job | Haul) -> int:
    return max(0, min(100, job.priority))


def _pad(load: Sequence[int], dimensions: int) -> list[int]:
    return [*load, *[0] * (dimensions - len(load))]
