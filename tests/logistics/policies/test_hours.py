"""Days and hours of a warehouse."""

from datetime import UTC, date, datetime, time

import pytest

from logistics.policies.hours import moment, planning_day

SHIFTS = [(time(7), time(19))]


@pytest.mark.parametrize(
    ("hour_utc", "day"),
    [
        (0, 2),
        (5, 2),
        (6, 3),
        (15, 3),
        (17, 3),
    ],  # Shanghai is eight hours ahead; half the shift is at 13:00 there
)
def test_the_plan_is_for_today_while_half_a_shift_is_to_come(hour_utc, day):
    assert planning_day(datetime(2026, 3, 2, hour_utc, tzinfo=UTC), SHIFTS, "Asia/Shanghai") == date(
        2026, 3, day
    )


def test_without_vehicles_it_is_for_today():
    assert planning_day(datetime(2026, 3, 2, 12, tzinfo=UTC), [], "Asia/Shanghai") == date(2026, 3, 2)


def test_a_wall_clock_is_read_in_its_own_zone():
    assert moment(date(2026, 3, 2), time(8), "Asia/Shanghai") == datetime(2026, 3, 2, 0, tzinfo=UTC)
