"""Opening hours and shifts as moments of one day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def moment(day: date, at: time, time_zone: str) -> datetime:
    """Return the moment a wall clock in `time_zone` shows `at` on `day`."""
    return datetime.combine(day, at, tzinfo=ZoneInfo(time_zone))


def planning_day(at: datetime, shifts: Sequence[tuple[time, time]], time_zone: str) -> date:
    """Return the day that a plan made now is for: today while half of some shift is still to come, else tomorrow."""
    today = at.astimezone(ZoneInfo(time_zone)).date()
    for starts, ends in shifts:
        start, end = moment(today, starts, time_zone), moment(today, ends, time_zone)
        if at <= start + (end - start) / 2:
            return today
    return today + timedelta(days=1) if shifts else today
