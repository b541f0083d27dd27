"""When a webhook that was not taken is sent again, and what its receiver's answer means.

Schedule: Standard Webhooks 1.0, "Deliverability and reliability": ten attempts over about 75 hours, with jitter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
ATTEMPTS: Final = len(PAUSES) + 1
JITTER: Final = 0.1  # of the pause, to both sides
LONGEST_WAIT: Final = timedelta(hours=24)  # a receiver cannot ask for more
LANE_LONGEST: Final = timedelta(minutes=5)
GONE: Final = 410

TAKEN, AGAIN, DEAD, ENDED = "taken", "again", "dead", "ended"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from an attempt: one of TAKEN, AGAIN (at `due_at`), DEAD or ENDED (the subscription is over)."""

    kind: str
    due_at: datetime | None = None


def judge(status: int, attempts: int, at: datetime, *, chance: float, retry_after: str = "") -> Verdict:
    """Say what follows from the attempt number `attempts` (from 1) that was answered with `status` (0: not at all).

    `chance` in [0, 1) spreads the next attempts of many messages.
    """
    if 200 <= status < 300:
        return Verdict(TAKEN)
    if status == GONE:
        return Verdict(ENDED)
    if attempts >= ATTEMPTS:
        return Verdict(DEAD)
    pause = PAUSES[attempts - 1] * (1 + JITTER * (2 * chance - 1))
    asked = wait_asked(retry_after, at) if status in (429, 503) or 300 <= status < 400 else None
    return Verdict(AGAIN, at + max(pause, min(asked or pause, LONGEST_WAIT)))


def wait_asked(retry_after: str, at: datetime) -> timedelta | None:
    """Read a Retry-After header (RFC 9110, 10.2.3): seconds or a date; None when it says nothing readable."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), int(LONGEST_WAIT.total_seconds())))
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(moment - at, timedelta(0))


def lane_pause(failures: int) -> timedelta:
    """Return how long an address is left alone after so many failures in a row, whatever waits for it."""
    return min(timedelta(seconds=2 ** min(failures, 10)), LANE_LONGEST)
