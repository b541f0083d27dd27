"""The state that a set of tracking events means, whatever the order they came in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

BOOKED: Final = "BOOKED"
COLLECTED: Final = "COLLECTED"
IN_TRANSIT: Final = "IN_TRANSIT"
OUT_FOR_DELIVERY: Final = "OUT_FOR_DELIVERY"
ARRIVED: Final = "ARRIVED"
ATTEMPT_FAILED: Final = "ATTEMPT_FAILED"
DELIVERED: Final = "DELIVERED"
CORRECTED: Final = "CORRECTED"

# In the order in which events of one moment are taken to have happened.
KINDS: Final = (
    BOOKED,
    COLLECTED,
    IN_TRANSIT,
    OUT_FOR_DELIVERY,
    ARRIVED,
    ATTEMPT_FAILED,
    DELIVERED,
    CORRECTED,
)
RANK: Final = {kind: rank for rank, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Seen:
    """One tracking event, as far as it decides the state."""

    kind: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class TrackingState:
    """What is known: the status ("" when nothing is) and the moment of the newest event."""

    status: str = ""
    seen_at: datetime | None = None


def fold(events: Iterable[Seen]) -> TrackingState:
    """Return the state a set of events means; any permutation and duplication gives the same.

    The newest event decides, but delivered stays delivered, however late a lesser event is said to have happened,
    until an explicit correction that is not older than the delivery takes it back.
    """
    known = sorted(set(events), key=lambda event: (event.occurred_at, RANK[event.kind]))
    if not known:
        return TrackingState()
    corrected_at = max((event.occurred_at for event in known if event.kind == CORRECTED), default=None)
    standing = [
        event
        for event in known
        if event.kind != CORRECTED
        and not (event.kind == DELIVERED and corrected_at is not None and event.occurred_at <= corrected_at)
    ]
    seen_at = known[-1].occurred_at
    if any(event.kind == DELIVERED for event in standing):
        return TrackingState(DELIVERED, seen_at)
    return TrackingState(standing[-1].kind if standing else "", seen_at)
