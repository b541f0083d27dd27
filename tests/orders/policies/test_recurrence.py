"""Cut-offs come at the declared local time, on every day of the rule and on no other, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.policies import recurrence
from orders.policies.recurrence import BadRecurrence, Recurrence

ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "UTC",
)
DATES = st.dates(date(2010, 1, 1), date(2030, 1, 1))


@st.composite
def rules(draw):
    start = draw(DATES)
    return Recurrence(
        every=draw(st.sampled_from([recurrence.DAYS, recurrence.WEEK, recurrence.MONTH])),
        at=time(draw(st.integers(0, 23)), draw(st.sampled_from([0, 15, 30, 59]))),
        zone=draw(st.sampled_from(ZONES)),
        start=start,
        interval=draw(st.integers(1, 4)),
        weekdays=tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1)))),
        month_days=tuple(sorted(draw(st.sets(st.integers(1, 31), min_size=1, max_size=3)))),
        skip=frozenset(
            draw(st.sets(st.builds(lambda n: start + timedelta(n), st.integers(0, 60)), max_size=9))
        ),
    )


def cutoffs(rule, count=12):
    moment = datetime.combine(rule.start - timedelta(days=3), time(), UTC)
    for _ in range(count):
        moment = rule.after(moment)
        yield moment


def leaps_over(rule, day):
    """Tell whether the clocks leap over the declared time on a day."""
    local = datetime.combine(day, rule.at, ZoneInfo(rule.zone))
    return local.astimezone(UTC).astimezone(ZoneInfo(rule.zone)).replace(tzinfo=None) != local.replace(
        tzinfo=None
    )


@given(rules())
def test_every_cutoff_is_at_the_declared_local_time_on_a_day_of_the_rule(rule):
    found = list(cutoffs(rule))
    assert found == sorted(set(found))
    for moment in found:
        local = moment.astimezone(ZoneInfo(rule.zone))
        days = [local.date() - timedelta(days=ago) for ago in (0, 1, 2)]
        meant = next(day for day in days if rule._falls_on(day) and rule._moment(day) == moment)
        assert meant not in rule.skip
        assert leaps_over(rule, meant) or (local.date(), local.time()) == (meant, rule.at)


@given(rules())
def test_no_day_of_the_rule_is_missed(rule):
    found = list(cutoffs(rule))
    day, last = rule.start, found[-1].astimezone(ZoneInfo(rule.zone)).date()
    while day < last:
        if rule._falls_on(day) and day not in rule.skip:
            assert rule._moment(day) in found
        day += timedelta(days=1)


MOMENTS = st.builds(lambda day, hour: datetime.combine(day, time(hour), UTC), DATES, st.integers(0, 23))


@given(rules(), MOMENTS)
def test_a_rule_survives_its_json(rule, moment):
    again = recurrence.parse(rule.to_json(), first=moment, zone="UTC")
    assert again == rule
    assert again.after(moment) == rule.after(moment) > moment


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        ("Europe/Berlin", date(2027, 3, 27), "17:00", datetime(2027, 3, 27, 16, tzinfo=UTC)),
        ("Europe/Berlin", date(2027, 3, 28), "17:00", datetime(2027, 3, 28, 15, tzinfo=UTC)),
        # 02:30 does not exist that night: 03:30 it is; in autumn it comes twice: the first.
        ("Europe/Berlin", date(2027, 3, 28), "02:30", datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        ("Europe/Berlin", date(2027, 10, 31), "02:30", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        ("Asia/Shanghai", date(2027, 3, 28), "17:00", datetime(2027, 3, 28, 9, tzinfo=UTC)),
    ],
)
def test_the_hour_holds_when_the_clocks_change(zone, day, at, expected):
    rule = Recurrence("days", time.fromisoformat(at), zone, start=day)
    assert rule.after(expected - timedelta(hours=12)) == expected


def test_holidays_are_left_out():
    first = datetime(2026, 9, 24, 9, tzinfo=UTC)
    rule = recurrence.parse(
        {"every": "week", "weekdays": [3], "at": "17:00", "zone": "Asia/Shanghai", "skip": ["2026-10-01"]},
        first=first,
        zone="UTC",
    )
    assert rule.after(first) == datetime(2026, 10, 8, 9, tzinfo=UTC)


def test_the_31st_is_the_last_day_of_a_month():
    rule = Recurrence("month", time(12), "UTC", start=date(2027, 1, 31), month_days=(31,))
    assert [moment.date() for moment in cutoffs(rule, 4)] == [
        date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "given_rule",
    [
        {},
        {"every": "year"},
        {"every": "week"},
        {"every": "week", "weekdays": [7]},
        {"every": "month", "month_days": [0]},
        {"every": "days", "interval": 0},
        {"every": "days", "zone": "Mars/Olympus"},
        {"every": "days", "at": "25:00"},
        {"every": "days", "at": "12:00+02:00"},
        {"every": "days", "skip": ["Christmas"]},
        {"every": "days", "hour": 7},
    ],
)
def test_what_cannot_repeat_is_refused(given_rule):
    with pytest.raises(BadRecurrence):
        recurrence.parse(given_rule, first=datetime(2026, 11, 1, tzinfo=UTC), zone="UTC")
