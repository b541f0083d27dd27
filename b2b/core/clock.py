"""The one caller of now(); a simulated market or a test may travel in time through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_travelled: ContextVar[datetime | None] = ContextVar("midstream_clock", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _travelled.get() or datetime.now(UTC)


def today(zone: str = "UTC") -> date:
    """Return the present date in the named time zone."""
    return now().astimezone(ZoneInfo(zone)).date()


def travelled_to() -> datetime | None:
    """Return the moment this context pretends to be in, or None when it lives in the present."""
    return _travelled.get()


@contextmanager
def travel(moment: datetime) -> Iterator[None]:
    """Make `now()` answer `moment` inside the block; the database clock follows (see b2b.db.backend).

    :raises ValueError: when `moment` is naive.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment in time needs a time zone")
    token = _travelled.set(moment)
    try:
        yield
    finally:
        _travelled.reset(token)
