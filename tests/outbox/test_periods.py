"""Periods: no gap, no overlap, and sane days when the clocks change."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from b2b.outbox.periods import Daily, Every

moments = st.integers(10**9, 2 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
rules = st.one_of(
    st.builds(Every, st.integers(1, 100_000)),
    st.builds(
        Daily,
        st.times().map(lambda t: t.replace(microsecond=0)),
        st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    ),
)


@given(rules, moments)
def test_every_moment_lies_in_exactly_one_period(rule, moment):
    key, due = rule.latest(moment)
    following = rule.following(moment)
    assert due <= moment < following
    assert rule.latest(due) == (key, due)
    assert rule.latest(following - timedelta(microseconds=1)) == (key, due)
    assert rule.latest(following)[0] != key
    assert rule.latest(following)[1] == following


def test_a_time_that_the_clock_skips_is_still_a_run_that_day():
    nightly = Daily(time(2, 30), "Europe/Berlin")
    key, due = nightly.latest(datetime(2026, 3, 29, 12, tzinfo=UTC))
    assert (key, due) == ("2026-03-29", datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
    assert nightly.following(due) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_a_time_that_comes_twice_is_one_run():
    nightly = Daily(time(2, 30), "Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert nightly.latest(first) == ("2026-10-25", first)
    assert nightly.latest(first + timedelta(hours=1)) == ("2026-10-25", first)
    assert nightly.following(first) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_rules_say_what_they_mean():
    assert str(Every(30)) == "every 30 s"
    assert str(Daily(time(1, 10), "Asia/Shanghai")) == "daily at 01:10 Asia/Shanghai"
