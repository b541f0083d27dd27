"""Give the orders of pooled lines their new totals and credit, and tell of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from b2b.contracts.orders import OrderChanged
from b2b.core.actor import Actor, acting_as, system
from b2b.core.ids import uuid7
from b2b.core.money import Money, exponent
from b2b.db.bulk import fetch
from b2b.db.models import record_from
from b2b.outbox.publish import publish_from
from orders import ports
from orders.models import Order, OrderCycle
from orders.selectors import ordered_lines

_TOTAL = """
    UPDATE orders_order parent SET total_net = sums.net, total_tax = sums.tax, total_gross = sums.net + sums.tax,
        version = parent.version + 1, updated_at = %(at)s
    FROM (SELECT order_id, sum(net_amount) AS net, sum(tax_amount) AS tax,
            coalesce(sum({flexible}) FILTER (WHERE flex_up > 0), 0) AS flexible
          FROM orders_orderline line
          WHERE order_id IN (SELECT order_id FROM {outcome} WHERE is_changed) GROUP BY order_id) sums
    WHERE parent.id = sums.order_id
    RETURNING parent.id, parent.total_gross + sums.flexible
"""


def apply(cycle: OrderCycle, outcome: str, *, by: Actor, at: datetime) -> int:
    """Sum up the orders whose lines a cycle changed, lower their credit holds, and tell of each (OrderChanged).

    Return how many changed. `outcome` is the table of `pooled_line.decide`; its prices are written already. A constant
    number of statements.
    """
    query = _TOTAL.format(outcome=outcome, flexible=ordered_lines.FLEXIBLE)
    holds = dict(fetch(query, {"at": at, "places": exponent(cycle.currency)}))
    if not holds:
        return 0
    reason = f"pooled in {cycle.number}"
    # Only confirmed orders are pooled, and they stay so.
    record_from(
        Order,
        "reprice",
        "CONFIRMED",
        "SELECT id, dealer_id AS party FROM orders_order WHERE id = ANY(%(orders)s)",
        {"orders": list(holds)},
        by=by,
        at=at,
        reason=reason,
    )
    _lower_credit(holds, cycle.currency, at=at)
    query, params = ordered_lines.changes(currency=cycle.currency, reason=reason, at=at)
    publish_from(OrderChanged, {str(order_id): uuid7() for order_id in holds}, query, params)
    return len(holds)


def _lower_credit(holds: dict[UUID, Decimal], currency: str, *, at: datetime) -> None:
    """Let orders hold what they come to now, and what a later pool may still give their lines that wait."""
    with acting_as(system("credit")):
        ports.credit().lower(
            amounts={order_id: Money.of(amount, currency) for order_id, amount in holds.items()}, at=at
        )
