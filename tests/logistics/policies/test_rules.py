"""The verifier finds each break of the rules that came with hauls, rests, limits, groups and frozen stops."""

from dataclasses import replace

import pytest

from logistics.policies import verifier
from logistics.policies.problem import DELIVERY, PICKUP, VISIT, Haul, LeftOut, Pause, Plan, Rest, Window
from logistics.policies.timing import drive
from tests.logistics.policies.problems import HOUR, job, on_a_line, van

NOON = Rest(11 * HOUR + 2700, 12 * HOUR, 1800)
DAY = {"opens_s": 8 * HOUR, "closes_s": 18 * HOUR, "service_s": 600}
CARRIED = Haul("haul", Window(2, **DAY), Window(3, **DAY), (9_500, 2_000, 4))
BOTH = replace(
    on_a_line(
        [job(1, load=(1_000, 2_000, 3), collects=(500, 0, 0)), job(4, load=(0, 0, 1), released_s=9 * HOUR)],
        [van(1, capacity=(10_000, 20_000, 5), rests=(NOON,), frozen=(("job1", VISIT),))],
    ),
    hauls=(CARRIED,),
)


def round_of(problem, *steps, departs_s=11 * HOUR + 1800):
    return drive(problem, problem.vans[0], [problem.tasks[step] for step in steps], departs_s)


STEPS = (("job1", VISIT), ("haul", PICKUP), ("haul", DELIVERY), ("job4", VISIT))
ROUTE = round_of(BOTH, *STEPS)
HONEST = Plan((ROUTE,))


def kinds(problem=BOTH, plan=HONEST):
    return {violation.kind for violation in verifier.verify(problem, plan)}


def with_van(**changes):
    return replace(BOTH, vans=(replace(BOTH.vans[0], **changes),))


def with_haul(**changes):
    return replace(BOTH, hauls=(replace(CARRIED, **changes),))


def with_job(index, **changes):
    jobs = list(BOTH.jobs)
    jobs[index] = replace(jobs[index], **changes)
    return replace(BOTH, jobs=tuple(jobs))


def test_an_honest_round_with_a_haul_and_a_rest_passes():
    assert verifier.verify(BOTH, HONEST) == []
    (pause,) = ROUTE.pauses
    assert NOON.opens_s <= pause.starts_s <= NOON.closes_s
    assert ROUTE.returns_s > 12 * HOUR


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (with_van(capacity=(9_999, 20_000, 5)), verifier.OVERWEIGHT),  # the haul beside what was collected
        (with_van(capacity=(10_000, 1_999, 5)), verifier.OVERSIZE),
        (with_van(capacity=(10_000, 20_000, 4)), verifier.OVERFULL),
        (with_haul(skills=frozenset({"cold"})), verifier.SKILL_MISSING),
        (with_haul(pickup=Window(2, 8 * HOUR, 11 * HOUR, 600)), verifier.TOO_LATE),
        (with_van(max_duration_s=ROUTE.duration_s - 1), verifier.TOO_LONG),
        (with_van(max_distance_m=ROUTE.distance_m - 1), verifier.TOO_FAR),
        (with_van(frozen=(("job4", VISIT),)), verifier.FROZEN_MOVED),
        (with_van(rests=(NOON, NOON)), verifier.REST_MISSING),
        (with_van(rests=(replace(NOON, length_s=1801),)), verifier.REST_MISSING),
        (with_van(rests=(replace(NOON, opens_s=12 * HOUR),)), verifier.REST_MISSING),
        (with_job(1, released_s=11 * HOUR + 1801), verifier.BEFORE_RELEASE),
        (replace(with_job(0, load=(0, 0, 0)), collect_last=True), verifier.COLLECTED_TOO_SOON),
        (replace(BOTH, jobs=tuple(replace(one, group="g") for one in BOTH.jobs)), verifier.GROUP_TWICE),
    ],
)
def test_each_rule_alone_refuses_the_honest_round(problem, kind):
    assert kinds(problem) == {kind}


def test_goods_are_picked_up_before_they_are_delivered_and_by_the_same_van():
    swapped = (STEPS[0], STEPS[2], STEPS[1], STEPS[3])
    assert verifier.OUT_OF_ORDER in kinds(plan=Plan((round_of(BOTH, *swapped),)))
    lost = Plan((round_of(BOTH, STEPS[0], STEPS[1], STEPS[3]),))
    assert {verifier.OUT_OF_ORDER, verifier.JOB_LOST} <= kinds(plan=lost)
    unfinished = Plan(lost.routes, (LeftOut("haul", "FLEET_FULL"),))
    assert {verifier.OUT_OF_ORDER, verifier.JOB_TWICE} <= kinds(plan=unfinished)


@pytest.mark.parametrize(
    "pause",
    [
        Pause(1, ROUTE.calls[0].starts_s, ROUTE.calls[0].starts_s + 1800),  # during service
        Pause(9, 12 * HOUR, 12 * HOUR + 1800),  # after no call there is
        Pause(3, ROUTE.calls[2].leaves_s, ROUTE.calls[2].leaves_s + 1800),  # no time was left for it
    ],
)
def test_a_rest_that_cannot_be_taken_is_none(pause):
    told = replace(ROUTE, pauses=(pause,))
    assert verifier.REST_DISTURBED in kinds(plan=Plan((told,)))


def test_frozen_stops_are_driven_even_when_nothing_else_is():
    left = tuple(LeftOut(key, "FLEET_FULL") for key in ("job1", "job4", "haul"))
    assert kinds(plan=Plan((), left)) == {verifier.FROZEN_MOVED}
