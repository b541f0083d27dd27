"""What follows a short answer, in its transaction: a second source for the rest, and word to every dealer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from b2b.contracts.shortages import ShortageShared, ShortLine
from b2b.db.bulk import fetch_dicts
from b2b.outbox.publish import publish
from orders.models import PurchaseOrder
from orders.policies.shortage import ShortageRule
from orders.services import second_source

_SHORT: Final = """
    SELECT line.order_id, parent.number, line.dealer_id, line.withdrawable_until, line.id AS line_id, line.line_number,
        line.product_id, line.requested - line.cancelled AS wanted_quantity, line.allocated AS allotted_quantity,
        line.requested - line.cancelled - line.covered - line.pooled AS waiting_quantity, line.cycle_id
    FROM orders_orderline line JOIN orders_order parent ON parent.id = line.order_id
    WHERE line.requested > line.cancelled + line.covered + line.pooled AND line.id IN (
        SELECT peg.order_line_id FROM orders_peg peg
        WHERE peg.purchase_order_line_id = ANY(%(lines)s) AND peg.allocated < peg.pegged)
    ORDER BY line.order_id, line.line_number
"""


def follow(order: PurchaseOrder, *, lines: Collection[int], at: datetime) -> int:
    """Go on from the sharing of purchase lines and return how many order lines came short.

    Their rest joins a pool of the next source that sells it at no more than the dealers pay; the sharing has said how
    long they may be withdrawn. Publishes ShortageShared per order. The caller holds the purchase order and has shared.
    The number of statements does not depend on that of the lines.
    """
    second_source.pool_rest(order, lines=lines, rule=ShortageRule.of(order.cycle.policy), at=at)
    rows = fetch_dicts(_SHORT, {"lines": list(lines)})
    publish(*(_told(list(members), at) for _, members in groupby(rows, key=lambda row: row["order_id"])))
    return len(rows)


def _told(rows: list[dict[str, Any]], at: datetime) -> ShortageShared:
    first = rows[0]
    return ShortageShared(
        occurred_at=at,
        order_id=first["order_id"],
        number=first["number"],
        dealer_id=first["dealer_id"],
        withdrawable_until=first["withdrawable_until"],
        lines=tuple(ShortLine(**{name: row[name] for name in ShortLine.__struct_fields__}) for row in rows),
    )
