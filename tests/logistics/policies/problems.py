"""Planning problems for tests."""

from __future__ import annotations

from hypothesis import strategies as st

from logistics.policies.problem import VISIT, Job, Problem, Van
from logistics.policies.timing import drive

HOUR = 3600
SPACING_M = 1_000
SPACING_S = 90


def on_a_line(jobs, vans):
    """Return a problem whose locations lie a kilometre apart on a line that starts at the depot."""
    size = 1 + max((job.location for job in jobs), default=0)
    steps = [[abs(i - j) for j in range(size)] for i in range(size)]
    return Problem(
        tuple(jobs),
        tuple(vans),
        tuple(tuple(SPACING_M * step for step in row) for row in steps),
        tuple(tuple(SPACING_S * step for step in row) for row in steps),
    )


def job(number, **values):
    """Return a job of one kilogram that can be served all day; its location is its number."""
    described = {
        "key": f"job{number}",
        "location": number,
        "load": (1_000, 2_000),
        "opens_s": 8 * HOUR,
        "closes_s": 18 * HOUR,
        "service_s": 600,
    }
    return Job(**{**described, **values})


def van(number, **values):
    """Return a van for ten jobs, from seven to nineteen."""
    described = {
        "key": f"van{number}",
        "capacity": (10_000, 20_000),
        "starts_s": 7 * HOUR,
        "ends_s": 19 * HOUR,
        "cost_per_m": 350,
        "cost_per_s": 1_111,
    }
    return Van(**{**described, **values})


def route(problem, number, *jobs, departs_s=8 * HOUR):
    """Return an honest route of van `number` over the numbered jobs."""
    tasks = [problem.tasks[problem.jobs[index].key, VISIT] for index in jobs]
    return drive(problem, problem.vans[number], tasks, departs_s)


skills = st.frozensets(st.sampled_from(["cold", "tail_lift"]))
hours = st.integers(6, 18).map(lambda hour: hour * HOUR)


@st.composite
def problems(draw):
    """Draw small problems, some of whose jobs nobody can serve."""
    jobs = [
        job(
            number,
            load=(draw(st.integers(1, 6_000)), draw(st.integers(1, 12_000))),
            opens_s=(opens := draw(hours)),
            closes_s=opens + draw(st.integers(0, 6)) * HOUR,
            skills=draw(skills),
            priority=draw(st.integers(1, 2)),
        )
        for number in range(1, draw(st.integers(0, 8)) + 1)
    ]
    vans = [
        van(number, capacity=(draw(st.integers(1_000, 15_000)), 20_000), skills=draw(skills))
        for number in range(draw(st.integers(0, 3)))
    ]
    return on_a_line(jobs, vans)
