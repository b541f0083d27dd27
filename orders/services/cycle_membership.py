"""Which cycle a line joins, decided by the database's clock in the writing transaction."""

from __future__ import annotations

from b2b.core.actor import acting_as, system
from b2b.core.errors import DomainError
from b2b.db.bulk import execute, fetch, fetch_value
from orders.models import Order


class CutoffPassed(DomainError):
    """The cut-off has passed: the goods are being bought for this order."""

    code = "cutoff_passed"


def join(order: Order) -> int:
    """Let the lines of an order join the next open cycle of their factory and return how many did.

    The cycles are locked against closing until the order commits: who joined before the cut-off is in. A line
    without a fitting cycle waits for the next one.
    """
    with acting_as(system("orders")):
        open_cycles = fetch(
            """
            SELECT cycle.id, cycle.factory_id, cycle.region FROM orders_ordercycle cycle
            WHERE cycle.status = 'OPEN' AND cycle.currency = %(currency)s
                AND cycle.opens_at <= midstream_now() AND cycle.cutoff_at > midstream_now()
                AND cycle.factory_id IN (SELECT factory_id FROM orders_orderline WHERE order_id = %(order)s)
            ORDER BY cycle.id FOR SHARE
            """,
            {"currency": order.currency, "order": order.pk},
        )
        if not open_cycles:
            return 0
        return execute(
            """
            UPDATE orders_orderline line SET cycle_id = fit.cycle_id
            FROM (
                SELECT DISTINCT ON (one.id) one.id AS line_id, cycle.id AS cycle_id
                FROM orders_orderline one JOIN directory_site site ON site.id = one.ship_to_site_id
                JOIN orders_ordercycle cycle ON cycle.factory_id = one.factory_id
                    AND cycle.region IN ('', site.region)
                WHERE one.order_id = %(order)s AND cycle.id = ANY(%(cycles)s)
                ORDER BY one.id, cycle.cutoff_at, cycle.id) fit
            WHERE line.id = fit.line_id
            """,
            {"order": order.pk, "cycles": [cycle_id for cycle_id, _, _ in open_cycles]},
        )


def check_free(order: Order) -> None:
    """Check that no line of a locked order is pooled, shipped or past the cut-off of its cycle.

    :raises CutoffPassed: when one is.
    """
    with acting_as(system("orders")):
        bound = fetch_value(
            """
            SELECT count(*) FROM orders_orderline line
            LEFT JOIN orders_ordercycle cycle ON cycle.id = line.cycle_id
            WHERE line.order_id = %s
                AND (line.pooled > 0 OR line.shipped > 0 OR cycle.cutoff_at <= midstream_now())
            """,
            [order.pk],
        )
    if bound:
        raise CutoffPassed(f"{bound} lines of {order.number} are past the cut-off", lines=bound)
