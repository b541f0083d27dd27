"""A planner in a process of its own answers in time or is killed."""

import pytest

from benchmarks import instances
from logistics.policies.instances import instance
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


def test_a_plan_for_500_shipments_takes_at_most_500_megabytes():
    told = instance.read(instances.windowed(500, seed=500))
    held = []
    plan = planner.solve_apart(
        told.problem(told.usual), seconds=6.0, listener=planner.Listener(weighed=held.append)
    )
    assert sum(len(route.calls) for route in plan.routes) + len(plan.left_out) == 500
    assert 50 < held[-1] <= 500


def test_a_planner_nobody_waits_for_is_stopped():
    problem = on_a_line([job(1)], [van(1)])
    with pytest.raises(planner.CalledOff):
        planner.solve_apart(problem, seconds=30.0, listener=planner.Listener(alive=lambda: False))
