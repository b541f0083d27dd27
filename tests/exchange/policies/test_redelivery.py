"""Ten attempts over about three days, whatever the receiver answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b.exchange.policies import redelivery
from b2b.exchange.policies.redelivery import AGAIN, DEAD, ENDED, TAKEN, judge

AT = datetime(2026, 3, 1, tzinfo=UTC)


@given(st.lists(st.floats(0, 0.999), min_size=9, max_size=9))
def test_ten_attempts_over_about_75_hours(chances: list[float]):
    at, count = AT, 1
    while (verdict := judge(500, count, at, chance=(chances[min(count, 9) - 1]))).kind == AGAIN:
        assert verdict.due_at > at
        at, count = verdict.due_at, count + 1
    assert (verdict.kind, count) == (DEAD, 10)
    assert timedelta(hours=68) <= at - AT <= timedelta(hours=84)
    assert redelivery.ATTEMPTS == 10
    assert timedelta(hours=75) <= sum(redelivery.PAUSES, timedelta()) <= timedelta(hours=76)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, TAKEN), (204, TAKEN), (410, ENDED), (0, AGAIN), (301, AGAIN), (400, AGAIN), (503, AGAIN)],
)
def test_what_an_answer_means(status: int, kind: str):
    assert judge(status, 1, AT, chance=0.5).kind == kind


def test_jitter_spreads_by_a_tenth_to_both_sides():
    assert judge(500, 2, AT, chance=0).due_at == AT + timedelta(minutes=4, seconds=30)
    assert judge(500, 2, AT, chance=0.5).due_at == AT + timedelta(minutes=5)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_in_seconds_and_as_a_date(status: int):
    def due(text: str) -> timedelta:
        return judge(status, 1, AT, chance=0.5, retry_after=text).due_at - AT

    assert due("120") == timedelta(minutes=2)
    assert due(format_datetime(AT + timedelta(hours=1), usegmt=True)) == timedelta(hours=1)
    assert due("1") == timedelta(seconds=5)  # sooner than the schedule is not asked for
    assert due("9" * 30) == timedelta(hours=24)
    assert due(format_datetime(AT - timedelta(days=1), usegmt=True)) == timedelta(seconds=5)
    for nonsense in ("", "soon", "-5", "1.5"):
        assert due(nonsense) == timedelta(seconds=5)


def test_other_answers_do_not_set_the_pace():
    assert judge(500, 1, AT, chance=0.5, retry_after="3600").due_at == AT + timedelta(seconds=5)


def test_an_address_that_only_fails_rests_longer_and_longer_up_to_five_minutes():
    pauses = [redelivery.lane_pause(count) for count in range(1, 40)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=2)
    assert pauses[-1] == timedelta(minutes=5)
