"""PyVRP's plans pass the verifier, whatever the problem; what cannot be served is left out with the true reason."""

from hypothesis import HealthCheck, given, settings

from logistics.policies import planner, screening
from logistics.policies.problem import Plan
from logistics.policies.screening import why_not
from logistics.policies.verifier import verify
from tests.logistics.policies.problems import HOUR, job, on_a_line, problems, van
from tests.support.examples import examples


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_every_plan_passes_the_verifier(problem):
    plan = planner.plan(problem, seconds=0.2)
    assert verify(problem, plan) == []
    by_key = {job.key: job for job in problem.jobs}
    assert plan.routes or all(why_not(problem, job) for job in problem.jobs)
    for entry in plan.left_out:
        assert entry.reason == (why_not(problem, by_key[entry.job]) or screening.FLEET_FULL)


def test_as_many_as_fit_and_the_urgent_first():
    jobs = [job(1), job(2, priority=2), job(3)]
    plan = planner.plan(on_a_line(jobs, [van(1, capacity=(1_500, 20_000))]), seconds=0.2)
    assert [call.job for route in plan.routes for call in route.calls] == ["job2"]
    assert {(entry.job, entry.reason) for entry in plan.left_out} == {
        ("job1", screening.FLEET_FULL),
        ("job3", screening.FLEET_FULL),
    }


def test_reasons_are_those_of_the_first_test_no_van_passes():
    cold = frozenset({"cold"})
    vans = [van(1), van(2, capacity=(500, 20_000), skills=cold)]
    jobs = {
        screening.NEEDS_SKILL: job(1, skills=frozenset({"crane"})),
        screening.TOO_HEAVY: job(1, skills=cold),
        screening.TOO_LARGE: job(1, load=(1_000, 20_001)),
        screening.OUT_OF_REACH: job(1, opens_s=6 * HOUR, closes_s=7 * HOUR),
        "": job(1),
    }
    assert {why_not(on_a_line([one], vans), one) for one in jobs.values()} == set(jobs)
    assert all(why_not(on_a_line([one], vans), one) == reason for reason, one in jobs.items())
    assert why_not(on_a_line([job(1)], []), job(1)) == screening.NO_VEHICLE


def test_nothing_to_do_is_an_empty_plan():
    assert planner.plan(on_a_line([], [van(1)]), seconds=0.2) == Plan()
