"""The verifier passes an honest plan and finds each kind of break on its own."""

from dataclasses import replace

import pytest

from logistics.policies import verifier
from logistics.policies.problem import LeftOut, Plan
from tests.logistics.policies.problems import HOUR, job, on_a_line, route, van

PROBLEM = on_a_line(
    [job(1), job(2), job(3, skills=frozenset({"cold"}))], [van(1, skills=frozenset({"cold"})), van(2)]
)
FIRST, SECOND = route(PROBLEM, 0, 0, 2), route(PROBLEM, 1, 1)
HONEST = Plan((FIRST, SECOND))


def kinds(plan, problem=PROBLEM):
    return {violation.kind for violation in verifier.verify(problem, plan)}


def with_first(**changes):
    return Plan((replace(FIRST, **changes), SECOND))


def with_call(**changes):
    return with_first(calls=(replace(FIRST.calls[0], **changes), FIRST.calls[1]))


def with_van(number, **changes):
    vans = list(PROBLEM.vans)
    vans[number] = replace(vans[number], **changes)
    return replace(PROBLEM, vans=tuple(vans))


def with_job(number, **changes):
    jobs = list(PROBLEM.jobs)
    jobs[number] = replace(jobs[number], **changes)
    return replace(PROBLEM, jobs=tuple(jobs))


def test_an_honest_plan_passes():
    assert verifier.verify(PROBLEM, HONEST) == []
    assert verifier.verify(PROBLEM, Plan((FIRST,), (LeftOut("job2", "FLEET_FULL"),))) == []


@pytest.mark.parametrize(
    ("plan", "kind"),
    [
        (with_first(van="ghost"), verifier.UNKNOWN_VAN),
        (Plan((FIRST, replace(SECOND, van="van1"))), verifier.VAN_TWICE),
        (with_call(job="ghost"), verifier.UNKNOWN_JOB),
        (Plan((FIRST, SECOND), (LeftOut("job2", "FLEET_FULL"),)), verifier.JOB_TWICE),
        (Plan((FIRST,)), verifier.JOB_LOST),
        (Plan((FIRST, SECOND, replace(SECOND, van="van1", calls=()))), verifier.EMPTY_ROUTE),
        (Plan((route(PROBLEM, 1, 0, 2), route(PROBLEM, 0, 1))), verifier.SKILL_MISSING),
        (Plan((route(PROBLEM, 0, 0, 2, departs_s=7 * HOUR - 1), SECOND)), verifier.BEFORE_SHIFT),
        (with_first(returns_s=19 * HOUR + 1), verifier.AFTER_SHIFT),
        (with_call(starts_s=8 * HOUR - 1), verifier.TOO_EARLY),
        (Plan((route(PROBLEM, 0, 0, 2, departs_s=18 * HOUR), SECOND)), verifier.TOO_LATE),
        (with_call(arrives_s=FIRST.calls[0].arrives_s - 1), verifier.TOO_FAST),
        (with_first(returns_s=FIRST.returns_s - 1), verifier.TOO_FAST),
        (with_call(leaves_s=FIRST.calls[0].leaves_s - 1), verifier.SERVICE_CUT),
        (with_first(distance_m=FIRST.distance_m - 1), verifier.WRONG_DISTANCE),
    ],
)
def test_each_break_of_a_plan_is_found(plan, kind):
    assert kind in kinds(plan)


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (with_van(0, capacity=(1_999, 20_000)), verifier.OVERWEIGHT),
        (with_van(0, capacity=(10_000, 3_999)), verifier.OVERSIZE),
        (with_van(0, skills=frozenset()), verifier.SKILL_MISSING),
        (with_van(0, starts_s=9 * HOUR), verifier.BEFORE_SHIFT),
        (with_van(0, ends_s=8 * HOUR), verifier.AFTER_SHIFT),
        (with_job(0, opens_s=9 * HOUR), verifier.TOO_EARLY),
        (with_job(0, closes_s=8 * HOUR), verifier.TOO_LATE),
        (with_job(0, service_s=601), verifier.SERVICE_CUT),
    ],
)
def test_each_rule_alone_refuses_the_honest_plan(problem, kind):
    assert kinds(HONEST, problem) == {kind}
