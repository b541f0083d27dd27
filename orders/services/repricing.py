"""Give the orders of pooled lines their new totals and credit, and tell of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from b2b.contracts.orders import OrderChanged
from b2b.core.actor import Actor, acting_as, system
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db.bulk import fetch
from b2b.db.models import record_from
from b2b.outbox.publish import publish_from
from orders import ports
from orders.models import Order, OrderCycle
from orders.selectors import ordered_lines

_TOTAL = """
    UPDATE orders_order parent SET total_net = sums.net, total_tax = sums.tax, total_gross = sums.net + sums.tax,
        version = parent.version + 1, updated_at = %(at)s
    FROM (SELECT order_id, sum(net_amount) AS net, sum(tax_amount) AS tax FROM orders_orderline
          WHERE order_id IN (SELECT order_id FROM {outcome} WHERE is_changed) GROUP BY order_id) sums
    WHERE parent.id = sums.order_id
    RETURNING parent.id, parent.total_gross
"""


def apply(cycle: OrderCycle, outcome: str, *, by: Actor, at: datetime) -> int:
    """Sum up the orders whose lines a cycle changed, lower their credit holds, and tell of each (OrderChanged).

    Return how many changed. `outcome` is the table of `pooled_line.decide`; its prices are written already. A constant
    number of statements.
    """
    totals = dict(fetch(_TOTAL.format(outcome=outcome), {"at": at}))
    if not totals:
        return 0
    reason = f"pooled in {cycle.number}"
    # Only confirmed orders are pooled, and they stay so.
    record_from(
        Order,
        "reprice",
        "CONFIRMED",
        "SELECT id, dealer_id AS party FROM orders_order WHERE id = ANY(%(orders)s)",
        {"orders": list(totals)},
        by=by,
        at=at,
        reason=reason,
    )
    _lower_credit(totals, cycle.currency, at=at)
    tell(totals, reason=reason, at=at)
    return len(totals)


def _lower_credit(totals: dict[UUID, Decimal], currency: str, *, at: datetime) -> None:
    with acting_as(system("credit")):
        ports.credit().lower(
            amounts={order_id: Money.of(total, currency) for order_id, total in totals.items()}, at=at
        )


def tell(orders: Collection[UUID], *, reason: str, at: datetime) -> None:
    """Publish OrderChanged of orders as they now stand; the events are made where the lines are, in one statement."""
    query, params = ordered_lines.changes(reason=reason, at=at)
    publish_from(OrderChanged, {str(order_id): uuid7() for order_id in orders}, query, params)
