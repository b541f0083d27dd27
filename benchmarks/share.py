"""A factory answers short, and the shortage is shared over the pegs of many dealers."""

from __future__ import annotations

from uuid import UUID

import psycopg

from benchmarks import limit, world
from benchmarks.close_cycle import PRODUCTS, SIZES, filled, twin_of
from benchmarks.report import Report
from orders.models import PurchaseOrder
from orders.services import order_cycle, purchase_order

# The same purchase lines, deliveries and pegs for the twin, so that the bare statement shares what ours did.
TWIN = """
    WITH lines AS (
        INSERT INTO orders_purchaseorderline (purchase_order_id, factory_id, line_number, product_id, quantity,
            surplus_quantity, unit_price, net_amount, requested_date, confirmed, despatched, received, rejected)
        SELECT %(twin)s, factory_id, line_number, product_id, quantity, surplus_quantity, unit_price, net_amount,
            requested_date, 0, 0, 0, 0
        FROM orders_purchaseorderline WHERE purchase_order_id = %(order)s
        RETURNING id, line_number, factory_id, quantity, requested_date),
    schedules AS (
        INSERT INTO orders_scheduleline (purchase_order_line_id, factory_id, schedule_number, quantity, requested_date)
        SELECT id, factory_id, 1, quantity, requested_date FROM lines RETURNING id, purchase_order_line_id)
    INSERT INTO orders_peg (schedule_line_id, purchase_order_line_id, order_line_id, dealer_id, surplus_owner, pegged,
        allocated, received)
    SELECT schedules.id, lines.id, peg.order_line_id, peg.dealer_id, peg.surplus_owner, peg.pegged, 0, 0
    FROM orders_peg peg JOIN orders_purchaseorderline line ON line.id = peg.purchase_order_line_id
    JOIN lines USING (line_number) JOIN schedules ON schedules.purchase_order_line_id = lines.id
    WHERE line.purchase_order_id = %(order)s
"""
# Largest remainder per purchase line; results, pegs, order lines and their quantity events are written.
BARE_SHARE = """
    WITH claim AS (
        SELECT peg.id, peg.order_line_id, peg.dealer_id, peg.pegged, line.id AS line_id,
            sum(peg.pegged) OVER (PARTITION BY line.id) AS wanted, line.quantity * 6 / 10 AS supply
        FROM orders_peg peg JOIN orders_purchaseorderline line ON line.id = peg.purchase_order_line_id
        WHERE line.purchase_order_id = %(order)s AND peg.order_line_id IS NOT NULL),
    exact AS (
        SELECT *, least(supply, wanted) * pegged AS numerator, div(least(supply, wanted) * pegged, wanted) AS whole
        FROM claim),
    ranked AS (
        SELECT *, row_number() OVER (PARTITION BY line_id ORDER BY mod(numerator, wanted) DESC, id) AS place,
            least(supply, wanted) - sum(whole) OVER (PARTITION BY line_id) AS rest
        FROM exact),
    shared AS MATERIALIZED (
        SELECT *, (whole + CASE WHEN place <= rest THEN 1 ELSE 0 END)::bigint AS rounded FROM ranked),
    results AS (
        INSERT INTO orders_allocationresult (run_id, peg_id, dealer_id, requested, entitlement_numerator,
            entitlement_denominator, rounded)
        SELECT %(run)s, id, dealer_id, pegged, numerator, wanted, rounded FROM shared),
    pegs AS (UPDATE orders_peg peg SET allocated = rounded FROM shared WHERE peg.id = shared.id),
    told AS (
        INSERT INTO orders_quantityevent (line_id, dealer_id, kind, quantity, source, at)
        SELECT order_line_id, dealer_id, kind, CASE kind WHEN 'allocated' THEN rounded ELSE rounded - pegged END,
            'bare', now()
        FROM shared CROSS JOIN (VALUES ('allocated'), ('pooled')) AS one(kind))
    UPDATE orders_orderline line SET pooled = line.pooled, allocated = line.allocated
    FROM shared WHERE line.id = shared.order_line_id
"""


def run(report: Report) -> None:
    """Measure the whole answer, sharing included; a market of its own per size."""
    with limit.connect() as bare:
        for size in (50, *report.sizes(*SIZES)):
            made = world.build(products=min(PRODUCTS, size), prefix=f"{size}-")
            cycle = filled(made, size)
            bare.execute("ANALYZE orders_orderline, orders_order, orders_peg, warehousing_demand")
            order_cycle.close(cycle, early=True, by=world.BY, at=world.AT)
            placed = PurchaseOrder.objects.get(cycle=cycle)
            twin = twin_of(bare, placed)
            bare.execute(TWIN, {"twin": twin, "order": placed.pk})
            bare.execute("ANALYZE orders_peg, orders_purchaseorderline")
            shared = limit.middle(1, lambda _, placed=placed: _answer_short(placed))
            key = {"order": twin, "run": _run_of(bare, placed, twin)}
            bare_share = limit.middle(1, lambda _, key=key: bare.execute(BARE_SHARE, key))
            if size == 50:  # that was to get everything warm
                continue
            report.rate(
                "share a shortage over pegs", size, shared, unit="pegs/s", limit_seconds=bare_share.seconds,
                within_s=5 if size == max(SIZES) else None,
            )  # fmt: skip


def _answer_short(placed: PurchaseOrder) -> None:
    answers = [
        purchase_order.Answer(number, quantity * 6 // 10)
        for number, quantity in placed.lines.values_list("line_number", "quantity")
    ]
    purchase_order.respond(placed, answers=answers, by=world.BY, at=world.AT)


def _run_of(bare: psycopg.Connection, placed: PurchaseOrder, twin: UUID) -> UUID:
    [key] = bare.execute("SELECT gen_random_uuid()").fetchone() or [None]
    limit.clone(
        bare, "orders_allocationrun", where=f"purchase_order_id = '{placed.pk}'", count=1, id=f"'{key}'::uuid",
        purchase_order_id=f"'{twin}'::uuid",
    )  # fmt: skip
    return UUID(str(key))
