"""Rounds are back as early as can be, leave as late as that allows, and rest where it costs least."""

from hypothesis import given
from hypothesis import strategies as st

from logistics.policies import timing
from logistics.policies.problem import VISIT, Plan, Rest
from logistics.policies.verifier import REST_DISTURBED, REST_MISSING, verify
from tests.logistics.policies.problems import HOUR, job, on_a_line, van


def tasks(problem):
    return [problem.tasks[one.key, VISIT] for one in problem.jobs]


def test_it_leaves_when_the_first_door_opens():
    problem = on_a_line([job(1, opens_s=10 * HOUR), job(2)], [van(1)])
    route = timing.schedule(problem, problem.vans[0], tasks(problem))
    assert route.departs_s == 10 * HOUR - 90
    assert route.calls[0].arrives_s == route.calls[0].starts_s == 10 * HOUR


def test_a_rest_is_taken_while_waiting_when_there_is_time():
    noon = Rest(12 * HOUR, 13 * HOUR, 1800)
    early = job(1, closes_s=9 * HOUR)
    problem = on_a_line([early, job(2, opens_s=14 * HOUR)], [van(1, rests=(noon,))])
    route = timing.schedule(problem, problem.vans[0], tasks(problem))
    assert timing.lateness(problem, problem.vans[0], route) == 0
    assert route.calls[1].starts_s == 14 * HOUR  # nothing is lost by it
    assert len(route.pauses) == 1


def test_a_driver_back_before_the_rest_is_due_takes_none():
    problem = on_a_line([job(1)], [van(1, rests=(Rest(12 * HOUR, 13 * HOUR, 1800),))])
    assert timing.schedule(problem, problem.vans[0], tasks(problem)).pauses == ()


@given(
    st.lists(st.tuples(st.integers(8, 16), st.integers(0, 4), st.integers(0, 7200)), min_size=1, max_size=5),
    st.integers(9, 15),
    st.integers(1, 3600),
)
def test_a_round_that_is_not_late_rests_undisturbed(stops, begins, length):
    jobs = [
        job(number, opens_s=opens * HOUR, closes_s=(opens + lasts) * HOUR, service_s=service)
        for number, (opens, lasts, service) in enumerate(stops, start=1)
    ]
    rest = Rest(begins * HOUR, (begins + 1) * HOUR, length)
    problem = on_a_line(jobs, [van(1, rests=(rest,), ends_s=30 * HOUR)])
    route = timing.schedule(problem, problem.vans[0], tasks(problem))
    found = {violation.kind for violation in verify(problem, Plan((route,)))}
    assert REST_DISTURBED not in found
    assert bool(timing.lateness(problem, problem.vans[0], route)) == bool(found)
    assert REST_MISSING not in found or timing.lateness(problem, problem.vans[0], route)
