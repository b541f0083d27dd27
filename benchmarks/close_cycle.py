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
MAKERS = 100
LINES_PER_ORDER = 500
SIZES = (1_000, 10_000, 100_000)

# The sum per factory and product, rounded up to the minimum and the pack; a delivery of each and a link row for every
# order line; the event of each line, and the line itself.
BARE_CLOSE = (
    """
    WITH bought AS (
        SELECT factory_id, product_id, sum(quantity)::bigint AS need,
            (ceil(greatest(sum(quantity), %(moq)s) / %(pack)s::numeric) * %(pack)s)::bigint AS quantity
        FROM orders_orderline WHERE cycle_id = %(cycle)s GROUP BY factory_id, product_id),
    written AS (
        INSERT INTO orders_purchaseorderline (purchase_order_id, factory_id, line_number, product_id, quantity,
            surplus_quantity, unit_price, net_amount, requested_date, confirmed, despatched, received, rejected)
        SELECT %(order)s, factory_id, row_number() OVER (), product_id, quantity, quantity - need, 7.25,
            7.25 * quantity, current_date, 0, 0, 0, 0 FROM bought
        RETURNING id, factory_id, product_id, quantity, requested_date),
    scheduled AS (
        INSERT INTO orders_scheduleline
            (purchase_order_line_id, factory_id, schedule_number, quantity, requested_date)
        SELECT id, factory_id, 1, quantity, requested_date FROM written RETURNING id, purchase_order_line_id)
    INSERT INTO orders_peg
        (schedule_line_id, purchase_order_line_id, order_line_id, dealer_id, pegged, allocated, received)
    SELECT scheduled.id, written.id, line.id, line.dealer_id, line.quantity, 0, 0
    FROM orders_orderline line JOIN written USING (factory_id, product_id)
    JOIN scheduled ON scheduled.purchase_order_line_id = written.id WHERE line.cycle_id = %(cycle)s
    """,
    """
    INSERT INTO orders_quantityevent (line_id, dealer_id, kind, quantity, source, at)
    SELECT id, dealer_id, 'pooled', quantity, 'bare', now() FROM orders_orderline WHERE cycle_id = %(cycle)s
    """,
    """
    UPDATE orders_orderline SET pooled = pooled, unit_price = unit_price, net_amount = net_amount
    WHERE cycle_id = %(cycle)s
    """,
)


def run(report: Report) -> None:
    """Measure closing; a market of its own per size, so that no remainder reaches the next."""
    with limit.connect() as bare:
        for size in (50, *report.sizes(*SIZES)):
            made = world.build(
                products=min(PRODUCTS, size), makers=min(MAKERS, size), category=f"{size}", prefix=f"{size}-"
            )
            cycle = filled(made, size, category=f"{size}")
            bare.execute("ANALYZE orders_orderline, orders_order, orders_peg, warehousing_demand")
            found = limit.middle(1, lambda _, cycle=cycle: _close(cycle))
            twin = twin_of(bare, PurchaseOrder.objects.filter(cycle=cycle)[:1].get())
            key = {"cycle": cycle.pk, "order": twin, "moq": world.MOQ, "pack": world.PACK}
            bare_close = limit.middle(1, lambda _, key=key: _bare(bare, key))
            if size == 50:  # that was to get everything warm
                continue
            report.rate(
                f"close a cycle of {MAKERS} factories (cover to signal)", size, found, unit="lines/s",
                limit_seconds=bare_close.seconds, within_s=5 if size == max(SIZES) else None,
            )  # fmt: skip


def _bare(bare: psycopg.Connection, key: dict[str, object]) -> None:
    with bare.transaction():
        for statement in BARE_CLOSE:
            bare.execute(statement, key)


def filled(made: world.World, size: int, *, category: str = "") -> OrderCycle:
    """Open a cycle and let dealers in turn order into it, as they would by file."""
    cycle = world.cycle(made, category=category)
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
