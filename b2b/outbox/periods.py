"""When periodic work is due: pure arithmetic on moments and time zones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Protocol
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Rule(Protocol):
    """Divides time into periods; each has a key and the moment at which its work is due."""

    def latest(self, moment: datetime) -> tuple[str, datetime]:
        """Return key and due moment of the last period that was due at `moment`."""

    def following(self, moment: datetime) -> datetime:
        """Return the first due moment after `moment`."""


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many seconds, counted from the Unix epoch, so that every process divides time alike."""

    seconds: int

    def latest(self, moment: datetime) -> tuple[str, datetime]:
        """Return key and due moment of the last period that was due at `moment`."""
        due = EPOCH + (moment - EPOCH) // self._length * self._length
        return due.isoformat(), due

    def following(self, moment: datetime) -> datetime:
        """Return the first due moment after `moment`."""
        return self.latest(moment)[1] + self._length

    @property
    def _length(self) -> timedelta:
        return timedelta(seconds=self.seconds)

    def __str__(self) -> str:
        return f"every {self.seconds} s"


@dataclass(frozen=True, slots=True)
class Daily:
    """Once each calendar day at a wall-clock time; the key is the local date.

    On the day the clock skips that time the work is due as much later; on the day it comes twice, the first time.
    """

    at: time_of_day
    zone: str

    def latest(self, moment: datetime) -> tuple[str, datetime]:
        """Return key and due moment of the last period that was due at `moment`."""
        day = moment.astimezone(ZoneInfo(self.zone)).date() + timedelta(days=1)
        while (due := self._due(day)) > moment:
            day -= timedelta(days=1)
        return day.isoformat(), due

    def following(self, moment: datetime) -> datetime:
        """Return the first due moment after `moment`."""
        return self._due(date.fromisoformat(self.latest(moment)[0]) + timedelta(days=1))

    def _due(self, day: date) -> datetime:
        return datetime.combine(day, self.at, ZoneInfo(self.zone)).astimezone(UTC)

    def __str__(self) -> str:
        return f"daily at {self.at:%H:%M} {self.zone}"
