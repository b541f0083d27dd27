"""A planner in a process of its own answers in time or is killed."""

import pytest

from logistics.policies.verifier import verify
from logistics.services import planner
from tests.logistics.policies.problems import job, on_a_line, van


def test_it_plans_like_the_one_here():
    problem = on_a_line([job(number) for number in range(1, 13)], [van(1), van(2)])
    plan = planner.solve_apart(problem, seconds=0.5)
    assert verify(problem, plan) == []
    assert sum(len(route.calls) for route in plan.routes) == 12


def test_one_that_outlives_its_time_is_killed():
    problem = on_a_line([job(1)], [van(1)])
    with pytest.raises(planner.PlannerFailed):
        planner.solve_apart(problem, seconds=0.3, grace_s=-0.299)
