"""Every kind of rule at once: whatever is asked, the plan passes the verifier and serves what can be served."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logistics.policies import planner, screening, vroom_planner
from logistics.policies.figures import measure
from logistics.policies.problem import DELIVERY, PICKUP, VISIT, Haul, Plan, Rest, Window
from logistics.policies.verifier import verify
from tests.logistics.policies.problems import HOUR, job, on_a_line, problems, van
from tests.support.examples import examples

DAY = {"opens_s": 8 * HOUR, "closes_s": 18 * HOUR, "service_s": 600}


@st.composite
def rich(draw):
    """Draw problems with hauls, rests, several depots, fixed costs, limits, releases, worths and groups."""
    problem = draw(problems())
    places = st.integers(0, len(problem.distances) - 1)
    hauls = tuple(
        Haul(
            f"haul{n}",
            *(Window(draw(places), **DAY) for _ in range(2)),
            (draw(st.integers(1, 9_000)), 1),
        )
        for n in range(draw(st.integers(0, 2)))
    )
    jobs = tuple(
        replace(
            one,
            collects=draw(st.sampled_from([(), (500, 500)])),
            released_s=draw(st.sampled_from([0, 0, 9 * HOUR])),
            worth=draw(st.sampled_from([None, None, 10**6])),
            group=draw(st.sampled_from(["", "", "either"])),
        )
        for one in problem.jobs
    )
    vans = tuple(
        replace(
            one,
            start=draw(places),
            fixed_cost=draw(st.sampled_from([0, 10**6])),
            rests=draw(st.sampled_from([(), (Rest(12 * HOUR, 13 * HOUR, 1800),)])),
            max_duration_s=draw(st.sampled_from([4 * HOUR, 12 * HOUR])),
            max_distance_m=draw(st.sampled_from([20_000, 10**6])),
        )
        for one in problem.vans
    )
    return replace(problem, jobs=jobs, vans=vans, hauls=hauls, collect_last=False)


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rich())
def test_every_plan_passes_the_verifier(problem):
    plan = planner.plan(problem, seconds=0.3)
    assert verify(problem, plan) == []
    assert {entry.reason for entry in plan.left_out} <= set(screening.REASONS)


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_at_once_means_vroom_and_passes_too(problem):
    assert verify(problem, planner.plan(problem, seconds=0.0)) == []


def test_vroom_knows_which_rules_it_does_not_know():
    plain = on_a_line([job(1)], [van(1)])
    assert vroom_planner.can_plan(plain)
    for other in (
        on_a_line([job(1, released_s=1)], [van(1)]),
        on_a_line([job(1, worth=1)], [van(1)]),
        on_a_line([job(1, group="g")], [van(1)]),
        on_a_line([job(1)], [van(1, max_duration_s=1)]),
        replace(plain, collect_last=True),
    ):
        assert not vroom_planner.can_plan(other)


def test_the_cheaper_van_drives_and_each_from_its_own_depot():
    problem = on_a_line(
        [job(1), job(9)],
        [van(1, fixed_cost=10**9), van(2, start=0, end=0), van(3, start=9, end=9, capacity=(1_000, 2_000))],
    )
    plan = planner.plan(problem, seconds=0.3)
    assert {route.van: [call.job for call in route.calls] for route in plan.routes} == {
        "van2": ["job1"],
        "van3": ["job9"],
    }


def test_a_haul_goes_with_one_van_in_order():
    haul = Haul("haul", Window(3, **DAY), Window(1, **DAY), (1_000, 1))
    problem = replace(on_a_line([job(4)], [van(1), van(2)]), hauls=(haul,))
    (route,) = planner.plan(problem, seconds=0.3).routes
    steps = [(call.job, call.kind) for call in route.calls]
    assert steps.index(("haul", PICKUP)) < steps.index(("haul", DELIVERY))


def test_a_driver_rests_and_what_has_no_time_is_left_for_the_next_plan():
    noon = Rest(12 * HOUR, 12 * HOUR + 600, 7200)
    at_noon = {"opens_s": 12 * HOUR, "closes_s": 13 * HOUR}
    problem = on_a_line(
        [job(1, **at_noon), job(2, closes_s=9 * HOUR), job(3, priority=2)],
        [van(1, rests=(noon,), starts_s=8 * HOUR)],
    )
    plan = planner.plan(problem, seconds=0.3)
    assert verify(problem, plan) == []
    assert sum(len(route.calls) for route in plan.routes) >= 2


def test_what_costs_more_than_it_is_worth_is_given_up():
    problem = on_a_line([job(1, worth=10**12), job(9, worth=1)], [van(1)])
    plan = planner.plan(problem, seconds=0.3)
    assert [(entry.job, entry.reason) for entry in plan.left_out] == [("job9", screening.NOT_WORTH_IT)]
    assert measure(problem, plan).lost == 1


def test_frozen_stops_stay_first_whatever_else_is_cheaper():
    frozen = (("job9", VISIT), ("job1", VISIT))
    problem = on_a_line([job(1), job(2), job(9)], [van(1, frozen=frozen)])
    (route,) = planner.plan(problem, seconds=0.3).routes
    assert [call.job for call in route.calls] == ["job9", "job1", "job2"]


def test_a_plan_made_anew_starts_from_the_old_one():
    problem = on_a_line([job(number) for number in range(1, 9)], [van(1), van(2)])
    old = planner.plan(problem, seconds=0.3)
    more = on_a_line([*problem.jobs, job(9)], problem.vans)
    plan = planner.plan(more, seconds=0.3, warm=old)
    assert verify(more, plan) == []
    assert not plan.left_out


@pytest.mark.parametrize("collects", [(), (900, 0)])
def test_figures_add_up(collects):
    problem = on_a_line([job(1, collects=collects), job(3)], [van(1)])
    plan = planner.plan(problem, seconds=0.2)
    figures = measure(problem, plan)
    (route,) = figures.routes
    assert route.duration_s == route.driving_s + route.service_s + route.waiting_s + route.resting_s
    assert figures.cost == 350 * figures.distance_m + 1_111 * figures.duration_s
    assert figures.distance_m == 6_000
    assert figures.empty_m in ({0, 1_000} if collects else {1_000, 3_000})
    assert route.peak[0] == 2_000
    assert measure(problem, Plan()).cost == 0
