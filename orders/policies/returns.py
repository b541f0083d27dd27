"""Which delivered goods may come back, and where each unit of them came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

# Days after delivery in which goods may be announced for return.
WINDOW_DAYS: Final = 30


class Reason(StrEnum):
    """Why goods come back."""

    DAMAGED = "DAMAGED"
    WRONG = "WRONG"
    QUALITY = "QUALITY"
    SURPLUS = "SURPLUS"
    REFUSED = "REFUSED"

    @property
    def label(self) -> str:
        """The reason in words."""
        return _LABELS[self]

    @property
    def is_defect(self) -> bool:
        """Whether somebody other than the dealer is at fault: even customised goods may then come back."""
        return self in DEFECTS


_LABELS: Final = {
    Reason.DAMAGED: "Damaged",
    Reason.WRONG: "Wrong goods",
    Reason.QUALITY: "Poor quality",
    Reason.SURPLUS: "Too many",
    Reason.REFUSED: "Refused by the customer",
}
DEFECTS: Final = frozenset({Reason.DAMAGED, Reason.WRONG, Reason.QUALITY})


@dataclass(frozen=True, slots=True)
class Drop:
    """What one shipment brought of an order line, and what of it is in other returns already (base units)."""

    shipment_id: UUID
    delivered_at: datetime
    delivered: int
    taken: int = 0

    @property
    def left(self) -> int:
        """What may still be given back."""
        return max(0, self.delivered - self.taken)


@dataclass(frozen=True, slots=True)
class Source:
    """What one peg gave to an order line, and what of it is in other returns already (base units)."""

    peg_id: int
    received: int
    taken: int = 0

    @property
    def left(self) -> int:
        """What may still be traced to the peg."""
        return max(0, self.received - self.taken)


@dataclass(frozen=True, slots=True)
class Origin:
    """A quantity with the shipment it came with and the peg it came through (None: from stock)."""

    shipment_id: UUID
    delivered_at: datetime
    peg_id: int | None
    quantity: int


def is_in_time(delivered_at: datetime, now: datetime, *, days: int = WINDOW_DAYS) -> bool:
    """Tell whether goods may still be announced for return."""
    return now <= delivered_at + timedelta(days=days)


def returnable(drops: Sequence[Drop], now: datetime, *, days: int = WINDOW_DAYS) -> int:
    """Return how many base units of an order line may be announced for return."""
    return sum(drop.left for drop in drops if is_in_time(drop.delivered_at, now, days=days))


def trace(
    wanted: int, drops: Sequence[Drop], sources: Sequence[Source], now: datetime, *, days: int = WINDOW_DAYS
) -> list[Origin]:
    """Say where `wanted` units come from: the latest shipments first, then the pegs in order, the rest from stock.

    Promise: the parts sum to `wanted`, none exceeds what its shipment or peg has left, late shipments give nothing.

    :raises ValueError: when more is wanted than is returnable.
    """
    if wanted > returnable(drops, now, days=days):
        raise ValueError(f"{wanted} is more than may be returned")
    origins: list[Origin] = []
    supply = [[source.peg_id, source.left] for source in sources if source.left]
    for drop in sorted(drops, key=lambda one: (one.delivered_at, one.shipment_id), reverse=True):
        if not is_in_time(drop.delivered_at, now, days=days):
            continue
        part = min(wanted, drop.left)
        wanted -= part
        while part:
            peg_id, left = supply[0] if supply else (None, part)
            given = min(part, left)
            origins.append(Origin(drop.shipment_id, drop.delivered_at, peg_id, given))
            part -= given
            if supply:
                supply[0][1] -= given
                if not supply[0][1]:
                    supply.pop(0)
    return origins
