"""Keep what is asked for, by product, region and day, from what orders say; see `orders.models.demand`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from b2b.core.actor import acting_as, system
from b2b.core.errors import Invalid
from b2b.db.bulk import execute, fetch
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from orders import ports

CHUNK: Final = 500
# What orders ask for now, per product, region and day. Only what a dealer took back after a worse answer counts as
# lost: what it cancelled otherwise was not wanted.
_NOW: Final = """
    SELECT line.order_id, line.product_id, site.region,
        (parent.confirmed_at AT TIME ZONE site.time_zone)::date AS on_date,
        sum(line.requested - line.cancelled + coalesce(gone.lost, 0))::bigint AS ordered,
        sum(line.shipped)::bigint AS shipped, sum(coalesce(gone.lost, 0))::bigint AS lost
    FROM orders_order parent
    JOIN orders_orderline line ON line.order_id = parent.id
    JOIN directory_site site ON site.id = line.ship_to_site_id
    LEFT JOIN LATERAL (
        SELECT sum(event.quantity) AS lost FROM orders_quantityevent event
        WHERE line.cancelled > 0 AND event.line_id = line.id AND event.kind = 'cancelled'
            AND event.source LIKE 'withdrawal:%%') gone ON true
    WHERE parent.id = ANY(%(orders)s) AND parent.confirmed_at IS NOT NULL
        AND parent.status IN ('CONFIRMED', 'COMPLETED', 'CANCELLED')
    GROUP BY 1, 2, 3, 4
"""
_TOLD: Final = """
    SELECT order_id, product_id, region, on_date, sum(ordered)::bigint AS ordered, sum(shipped)::bigint AS shipped,
        sum(lost)::bigint AS lost
    FROM orders_demandevent WHERE order_id = ANY(%(orders)s) GROUP BY 1, 2, 3, 4
"""
_STOCK_OUT: Final = """EXISTS (
        SELECT FROM orders_stockout gone WHERE gone.product_id = {0}.product_id AND gone.on_date = {0}.on_date)"""
# The buckets are there, and held in one order, before anything is added: a change may be negative, a bucket never.
_HOLD: Final = f"""
    INSERT INTO orders_demandbucket AS known (product_id, region, on_date, ordered, shipped, lost, censored)
    SELECT product_id, region, on_date, 0, 0, 0, {_STOCK_OUT.format("touched")}
    FROM (SELECT product_id, region, on_date FROM ({_NOW}) now
        UNION SELECT product_id, region, on_date FROM ({_TOLD}) told) touched
    ORDER BY product_id, region, on_date
    ON CONFLICT (product_id, region, on_date) DO UPDATE SET ordered = known.ordered
"""
_NOTE: Final = f"""
    WITH news AS (
        SELECT order_id, product_id, region, on_date, coalesce(now.ordered, 0) - coalesce(told.ordered, 0) AS ordered,
            coalesce(now.shipped, 0) - coalesce(told.shipped, 0) AS shipped,
            coalesce(now.lost, 0) - coalesce(told.lost, 0) AS lost
        FROM ({_NOW}) now FULL JOIN ({_TOLD}) told USING (order_id, product_id, region, on_date)),
    written AS (
        INSERT INTO orders_demandevent (order_id, product_id, region, on_date, ordered, shipped, lost)
        SELECT * FROM news WHERE ordered <> 0 OR shipped <> 0 OR lost <> 0
        RETURNING product_id, region, on_date, ordered, shipped, lost)
    UPDATE orders_demandbucket bucket SET ordered = bucket.ordered + moved.ordered,
        shipped = bucket.shipped + moved.shipped, lost = bucket.lost + moved.lost
    FROM (SELECT product_id, region, on_date, sum(ordered) AS ordered, sum(shipped) AS shipped, sum(lost) AS lost
        FROM written GROUP BY 1, 2, 3) moved
    WHERE (bucket.product_id, bucket.region, bucket.on_date) = (moved.product_id, moved.region, moved.on_date)
"""
_REBUILD: Final = f"""
    INSERT INTO orders_demandbucket (product_id, region, on_date, ordered, shipped, lost, censored)
    SELECT product_id, region, on_date, sum(ordered), sum(shipped), sum(lost), {_STOCK_OUT.format("event")}
    FROM orders_demandevent event GROUP BY product_id, region, on_date
"""


@unit_of_work()
def note(orders: Iterable[UUID]) -> int:
    """Bring the buckets to what these orders say now and return how many changed; told twice or late, the same.

    Two statements and one lock for each order.
    """
    keys = sorted(set(orders))
    if not keys:
        return 0
    with acting_as(system("orders")):
        # What is read below is what the one before has committed: the lock comes first, in an order of its own.
        for key in keys:
            advisory_lock(f"orders.demand.{key}")
        execute(_HOLD, {"orders": keys})
        return execute(_NOTE, {"orders": keys})


def rebuild() -> int:
    """Compare every order with what was noted of it, and make the buckets anew from the events; return their number.

    Corrections are events of their own: history is added to, never rewritten.
    """
    with acting_as(system("orders")):
        orders = [
            key for (key,) in fetch("SELECT id FROM orders_order WHERE confirmed_at IS NOT NULL ORDER BY id")
        ]
        for start in range(0, len(orders), CHUNK):
            note(orders[start : start + CHUNK])
        return _sum_anew()


@unit_of_work()
def _sum_anew() -> int:
    # Nobody adds to a bucket between its removal and its return.
    execute("LOCK TABLE orders_demandbucket IN SHARE ROW EXCLUSIVE MODE")
    execute("DELETE FROM orders_demandbucket")
    return execute(_REBUILD)


@unit_of_work()
def mark_stock_outs(products: Iterable[int], *, on_date: date) -> list[int]:
    """Note which of these products nobody could have today and return them; marked twice, it counts once.

    :raises Invalid: without a product.
    """
    asked = sorted(set(products))
    if not asked:
        raise Invalid("name the products to look at")
    with acting_as(system("orders")):
        free = ports.stock().available(asked)
        gone = [product for product in asked if free.get(product, 0) <= 0]
        execute(
            """
            INSERT INTO orders_stockout (product_id, on_date) SELECT unnest(%s::bigint[]), %s ON CONFLICT DO NOTHING
            """,
            [gone, on_date],
        )
        execute(
            """
            UPDATE orders_demandbucket SET censored = true
            WHERE product_id = ANY(%s) AND on_date = %s AND NOT censored
            """,
            [gone, on_date],
        )
    return gone
