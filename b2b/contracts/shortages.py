"""What orders tells a dealer of a factory's short answer."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from b2b.contracts.base import Event, Part


class ShortLine(Part):
    """An order line that came short, in base units; `cycle_id` is the pool its rest has joined, null when it waits."""

    line_id: int
    line_number: int
    product_id: int
    wanted_quantity: int
    allotted_quantity: int
    waiting_quantity: int
    cycle_id: UUID | None = None


class ShortageShared(Event):
    """A factory confirmed less than was ordered: what a dealer's lines got, and where the rest is bought.

    The lines may be withdrawn until `withdrawable_until`.
    """

    topic: ClassVar[str] = "orders.shortage.shared.v1"
    aggregate: ClassVar[str] = "order_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    order_id: UUID
    number: str
    dealer_id: int
    withdrawable_until: datetime | None
    lines: tuple[ShortLine, ...]
