"""What orders must know at once and others answer: credit and stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from b2b.contracts.finance import CreditAnswer
from b2b.contracts.warehousing import DemandLine
from b2b.core.money import Money
from b2b.core.port import Port


class Credit(Protocol):
    """Finance keeps a dealer's exposure; it answers, and never raises for a refusal."""

    def hold(
        self, *, dealer_id: int, order_id: UUID, amount: Money, at: datetime, version: int = 0
    ) -> CreditAnswer:
        """Reserve `amount` for an order if the limit allows; events of the order before `version` are past."""
        ...

    def adjust(self, *, order_id: UUID, amount: Money, at: datetime) -> CreditAnswer:
        """Change what is reserved for an order to `amount`."""
        ...

    def lower(self, *, amounts: Mapping[UUID, Money], at: datetime) -> None:
        """Lower what is reserved for orders to their new values; one that rose is left alone."""
        ...

    def release(self, *, order_id: UUID, at: datetime) -> None:
        """Free what is reserved for an order."""
        ...

    def position(self, *, dealer_id: int, currency: str) -> CreditAnswer:
        """Say how much a dealer may still order."""
        ...


class StockPosition(Protocol):
    """Warehousing knows what is on the shelf and not promised to anybody."""

    def cover(self, lines: Sequence[DemandLine], *, at: datetime) -> dict[int, int]:
        """Reserve stock for order lines and return how much of each is served from stock."""
        ...

    def kept(self, order_line_ids: Sequence[int]) -> dict[int, int]:
        """Return how much of order lines is served from stock already; lines without any are missing."""
        ...

    def available(self, product_ids: Sequence[int]) -> dict[int, int]:
        """Return the free quantity of each product, in base units."""
        ...


credit: Final[Port[Credit]] = Port("orders.credit")
stock: Final[Port[StockPosition]] = Port("orders.stock_position")
