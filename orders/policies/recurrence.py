"""When a repeating cycle closes next: on which days, at which hour of which time zone, and on which days never."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from b2b.core.errors import Invalid
from orders.policies.demand import monday_of

DAYS: Final = "days"
WEEK: Final = "week"
MONTH: Final = "month"


class BadRecurrence(Invalid):
    """A recurrence names days, weekdays or days of the month, an hour and a time zone."""

    code = "bad_recurrence"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Every `interval` days, or weeks on `weekdays` (Monday is 0), or months on `month_days`; at `at` in `zone`.

    Intervals count from `start`. The 31st is the last day of a shorter month. Days in `skip`, such as holidays, are
    left out, not moved.
    """

    every: str
    at: time
    zone: str
    start: date
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    skip: frozenset[date] = field(default_factory=frozenset)

    def after(self, moment: datetime) -> datetime:
        """Return the first cut-off after a moment, in UTC.

        Promise: on every day of the rule that is not skipped there is exactly one cut-off, at the declared local time;
        where the clocks leap over that time, as much later as they leap; where it comes twice, the first.
        """
        # A time that does not exist may lie on the day after, and zones differ by more than a day.
        day = max(self.start, moment.astimezone(ZoneInfo(self.zone)).date() - timedelta(days=2))
        return next(cutoff for cutoff in map(self._moment, self._days(day)) if cutoff > moment)

    def _moment(self, day: date) -> datetime:
        return datetime.combine(day, self.at, ZoneInfo(self.zone)).astimezone(UTC)

    def _days(self, first: date) -> Iterator[date]:
        """Yield the days of the rule from `first` on, without those to skip."""
        day = first
        while True:
            if self._falls_on(day) and day not in self.skip:
                yield day
            day += timedelta(days=1)

    def _falls_on(self, day: date) -> bool:
        if self.every == DAYS:
            return (day - self.start).days % self.interval == 0
        if self.every == WEEK:
            weeks = (monday_of(day) - monday_of(self.start)).days // 7
            return weeks % self.interval == 0 and day.weekday() in self.weekdays
        months = (day.year - self.start.year) * 12 + day.month - self.start.month
        last = monthrange(day.year, day.month)[1]
        return months % self.interval == 0 and day.day in {min(one, last) for one in self.month_days}

    def to_json(self) -> dict[str, Any]:
        """Return what `parse` reads."""
        return {
            "every": self.every,
            "at": self.at.isoformat(),
            "zone": self.zone,
            "start": self.start.isoformat(),
            "interval": self.interval,
            "weekdays": list(self.weekdays),
            "month_days": list(self.month_days),
            "skip": sorted(day.isoformat() for day in self.skip),
        }


def parse(given: Mapping[str, Any], *, first: datetime, zone: str) -> Recurrence:
    """Read a recurrence; what it leaves out comes from its `first` cut-off and a default time `zone`.

    `{"every": "days", "interval": 7}`, `{"every": "week", "weekdays": [0, 3], "at": "17:00", "zone": "Asia/Shanghai"}`,
    `{"every": "month", "month_days": [1, 31], "skip": ["2026-10-01"]}`.

    :raises BadRecurrence: saying what is wrong.
    """
    unknown = sorted(set(given) - {*Recurrence.__dataclass_fields__})
    if unknown:
        raise BadRecurrence(f"{unknown[0]} is no part of a recurrence")
    named = given.get("zone") or zone
    if named not in available_timezones():
        raise BadRecurrence(f"{named} is no time zone of the IANA database")
    local = first.astimezone(ZoneInfo(named))
    try:
        rule = Recurrence(
            every=given.get("every", ""),
            at=time.fromisoformat(given["at"]) if "at" in given else local.time(),
            zone=named,
            start=date.fromisoformat(given["start"]) if "start" in given else local.date(),
            interval=int(given.get("interval", 1)),
            weekdays=tuple(sorted(map(int, given.get("weekdays", ())))),
            month_days=tuple(sorted(map(int, given.get("month_days", ())))),
            skip=frozenset(map(date.fromisoformat, given.get("skip", ()))),
        )
    except (TypeError, ValueError) as error:
        raise BadRecurrence(f"a recurrence cannot be read: {error}") from error
    _check(rule)
    return rule


def _check(rule: Recurrence) -> None:
    if rule.every not in (DAYS, WEEK, MONTH):
        raise BadRecurrence(f"a cycle repeats every {DAYS}, {WEEK} or {MONTH}, not {rule.every or 'nothing'}")
    if rule.at.tzinfo is not None:
        raise BadRecurrence("a cut-off is at a local time; name its zone apart")
    if not 1 <= rule.interval <= 366:
        raise BadRecurrence("the interval of a recurrence is 1 to 366")
    if rule.every == WEEK and not (rule.weekdays and set(rule.weekdays) <= set(range(7))):
        raise BadRecurrence("name weekdays, 0 for Monday to 6 for Sunday")
    if rule.every == MONTH and not (rule.month_days and set(rule.month_days) <= set(range(1, 32))):
        raise BadRecurrence("name days of the month, 1 to 31")
