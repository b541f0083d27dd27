"""What a cancelled order asked for when it was cancelled, and what forbids to take that back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from b2b.db.bulk import fetch, fetch_dicts
from orders.policies.raw_row import RawRow

# What was cancelled last made the order a cancelled one; lines that were dropped before stay dropped.
_LINES: Final = """
    WITH last AS (
        SELECT event.source FROM orders_quantityevent event JOIN orders_orderline line ON line.id = event.line_id
        WHERE line.order_id = %(order)s AND event.kind = 'cancelled' AND event.quantity > 0
        ORDER BY event.id DESC LIMIT 1)
    SELECT line.id AS line_id, line.line_number, sum(event.quantity)::bigint AS quantity, product.sku,
        product.base_unit, site.code AS site_code, line.need_by_date, line.max_unit_price, line.flex_up,
        line.flex_down, line.options::text AS options, line.all_or_nothing
    FROM orders_orderline line
    JOIN orders_quantityevent event ON event.line_id = line.id AND event.kind = 'cancelled'
        AND event.source = (SELECT source FROM last)
    JOIN catalog_product product ON product.id = line.product_id
    JOIN directory_site site ON site.id = line.ship_to_site_id
    WHERE line.order_id = %(order)s
    GROUP BY line.id, product.id, site.id HAVING sum(event.quantity) > 0 ORDER BY line.line_number
"""
_MOVED: Final = """
    SELECT DISTINCT event.kind FROM orders_quantityevent event
    JOIN orders_orderline line ON line.id = event.line_id
    WHERE line.order_id = %s AND event.kind NOT IN ('requested', 'cancelled', 'covered')
"""


@dataclass(frozen=True, slots=True)
class CancelledLine:
    """A line as it stood when its order was cancelled, in base units."""

    line_id: int
    line_number: int
    quantity: int
    sku: str
    base_unit: str
    site_code: str
    need_by_date: date | None
    max_unit_price: Decimal | None
    flex_up: int
    flex_down: int
    options: str
    all_or_nothing: bool

    def as_row(self) -> RawRow:
        """Return the row that asks for the same again, under the number of the line."""
        values: dict[str, Any] = {
            "sku": self.sku,
            "quantity": str(self.quantity),
            "unit": self.base_unit,
            "ship_to": self.site_code,
        }
        if self.need_by_date:
            values["need_by_date"] = self.need_by_date.isoformat()
        if self.max_unit_price is not None:
            values["max_unit_price"] = f"{self.max_unit_price:f}"
        if self.flex_up:
            values["flex_up"] = str(self.flex_up)
        if self.flex_down:
            values["flex_down"] = str(min(self.flex_down, self.quantity))
        if json.loads(self.options):
            values["options"] = self.options
        if self.all_or_nothing:
            values["all_or_nothing"] = "yes"
        return RawRow(self.line_number, values)


def lines_of(order_id: UUID) -> Sequence[CancelledLine]:
    """Return the lines that the last cancellation of an order took away, by number; one query."""
    return [CancelledLine(**row) for row in fetch_dicts(_LINES, {"order": order_id})]


def moved(order_id: UUID) -> set[str]:
    """Return the buckets beyond stock that goods of an order ever were in; empty for one that nobody acted on."""
    return {kind for (kind,) in fetch(_MOVED, [order_id])}
