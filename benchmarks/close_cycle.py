"""A cycle closes over the lines of many dealers."""

from __future__ import annotations

from uuid import UUID

import psycopg

from b2b.core.actor import acting_as
from benchmarks import limit, world
from benchmarks.report import Report
from orders.models import OrderCycle, PurchaseOrder
from orders.services import bulk_order, order_cycle

PRODUCTS = 2_000
LINES_PER_ORDER = 500
SIZES = (1_000, 10_000, 100_000)

# The sum per product, rounded up to the minimum and the pack, and a link row for every order line.
BARE_CLOSE = """
    WITH bought AS (
        SELECT product_id, sum(quantity)::bigint AS need,
            (ceil(greatest(sum(quantity), %(moq)s) / %(pack)s::numeric) * %(pack)s)::bigint AS quantity
        FROM orders_orderline WHERE cycle_id = %(cycle)s GROUP BY product_id),
    written AS (
        INSERT INTO orders_purchaseorderline (purchase_order_id, factory_id, line_number, product_id, quantity,
            surplus_quantity, unit_price, net_amount, requested_date, confirmed, despatched, received, rejected)
        SELECT %(order)s, %(factory)s, row_number() OVER (), product_id, quantity, quantity - need, 7.25,
            7.25 * quantity, current_date, 0, 0, 0, 0 FROM bought
        RETURNING id, product_id)
    INSERT INTO orders_peg (purchase_order_line_id, order_line_id, dealer_id, pegged, allocated, received)
    SELECT written.id, line.id, line.dealer_id, line.quantity, 0, 0
    FROM orders_orderline line JOIN written USING (product_id) WHERE line.cycle_id = %(cycle)s
"""


def run(report: Report) -> None:
    """Measure closing; a market of its own per size, so that no remainder reaches the next."""
    with limit.connect() as bare:
        for size in (50, *report.sizes(*SIZES)):
            made = world.build(products=min(PRODUCTS, size), prefix=f"{size}-")
            cycle = filled(made, size)
            bare.execute("ANALYZE orders_orderline, orders_order, orders_peg, warehousing_demand")
            found = limit.middle(1, lambda _, cycle=cycle: _close(cycle))
            placed = PurchaseOrder.objects.get(cycle=cycle)
            twin = twin_of(bare, placed)
            key = {
                "cycle": cycle.pk, "order": twin, "factory": made.maker.pk, "moq": world.MOQ, "pack": world.PACK
            }  # fmt: skip
            bare_close = limit.middle(1, lambda _, key=key: bare.execute(BARE_CLOSE, key))
            if size == 50:  # that was to get everything warm
                continue
            largest = size == max(SIZES)
            report.rate(
                "close a cycle (cover, pool, peg, reprice, state)", size, found, unit="lines/s",
                limit_seconds=bare_close.seconds, within_s=5 if largest else None,
            )  # fmt: skip


def filled(made: world.World, size: int) -> OrderCycle:
    """Open a cycle and let dealers in turn order into it, as they would by file."""
    cycle = world.cycle(made)
    for number, start in enumerate(range(0, size, LINES_PER_ORDER)):
        turn = number % len(made.dealers)
        who = made.dealer_actor(turn)
        rows = bulk_order.rows_of(
            {"sku": made.sku(n), "quantity": 1 + n % 9}
            for n in range(start, min(start + LINES_PER_ORDER, size))
        )
        with acting_as(who):
            bulk_order.submit(rows, dealer=made.dealers[turn], ship_to=made.shops[turn], by=who, at=world.AT)
    return cycle


def _close(cycle: OrderCycle) -> None:
    order_cycle.close(cycle, early=True, by=world.BY, at=world.AT)


def twin_of(bare: psycopg.Connection, placed: PurchaseOrder) -> UUID:
    """Write an empty purchase order like this one, of a cycle like its own."""
    [cycle, order] = bare.execute("SELECT gen_random_uuid(), gen_random_uuid()").fetchone() or [None, None]
    limit.clone(
        bare, "orders_ordercycle", where=f"id = '{placed.cycle_id}'", count=1, id=f"'{cycle}'::uuid",
        number="'T' || model.number", cutoff_at="model.cutoff_at + interval '1 day'", status="'CLOSED'",
    )  # fmt: skip
    limit.clone(
        bare, "orders_purchaseorder", where=f"id = '{placed.pk}'", count=1, id=f"'{order}'::uuid",
        number="'T' || model.number", cycle_id=f"'{cycle}'::uuid",
    )  # fmt: skip
    return UUID(str(order))
