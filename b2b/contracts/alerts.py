"""What logistics tells of trips that something is wrong with."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from b2b.contracts.base import Event


class TripAlertRaised(Event):
    """A trip is late, missed a window, stands still, is silent (`figure` in seconds) or off its route (in metres)."""

    topic: ClassVar[str] = "logistics.trip_alert.raised.v1"
    aggregate: ClassVar[str] = "trip_id"
    party_fields: ClassVar[tuple[str, ...]] = ("carrier_id",)

    alert_id: int
    trip_id: UUID
    carrier_id: int
    kind: str
    figure: int


class TripAlertCleared(Event):
    """What was wrong with a trip is right again, or the trip is over."""

    topic: ClassVar[str] = "logistics.trip_alert.cleared.v1"
    aggregate: ClassVar[str] = "trip_id"
    party_fields: ClassVar[tuple[str, ...]] = ("carrier_id",)

    alert_id: int
    trip_id: UUID
    carrier_id: int
    kind: str
    raised_at: datetime
