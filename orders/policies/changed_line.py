"""A line of an order as a change leaves it, and who gets what it gives up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from orders.policies.order_change import Held, Move
from orders.policies.order_row import RowResult


@dataclass(frozen=True, slots=True)
class Release:
    """Units a peg gives up: `quantity` of them to `owner` (an order line, None for platform stock), or asked for.

    `received` of them have come already; `promised` is what the factory owes of the purchase line in all.
    """

    peg_id: int
    schedule_line_id: int
    purchase_line_id: int
    purchase_order_id: UUID
    quantity: int
    received: int
    promised: int
    is_answered: bool
    is_asked: bool = False
    owner: int | None = None
    owner_dealer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A line as it shall be; `line` is None for a new one. Amounts are of what is still owed, before tax and tax."""

    line_number: int
    sku: str
    line: Held | None
    move: Move
    quantity: int
    unit_price: Decimal
    net_amount: Decimal
    tax_amount: Decimal
    ship_to_site_id: int | None
    need_by_date: date | None
    cycle_id: UUID | None
    row: RowResult | None = None
    releases: tuple[Release, ...] = ()

    @property
    def product_id(self) -> int:
        """The product, of the line there was or of the row that asks for one."""
        if self.line:
            return self.line.product_id
        assert self.row is not None
        assert self.row.product is not None
        return self.row.product.product_id

    @property
    def from_quantity(self) -> int:
        """Base units owed before."""
        return self.line.owed - self.line.pending if self.line else 0

    def given(self, *, asked: bool, owned: bool = False) -> int:
        """Return the units released that the factory is asked for, or that went to others (`owned`) or to stock."""
        return sum(
            one.quantity
            for one in self.releases
            if one.is_asked == asked and (asked or (one.owner is not None) == owned)
        )
