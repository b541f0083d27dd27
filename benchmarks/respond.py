"""A factory answers thousands of lines, each in two deliveries, and a dealer edits one line of a long order."""

from __future__ import annotations

from datetime import timedelta

from b2b.core.actor import acting_as
from b2b.core.ids import uuid7
from benchmarks import limit, world
from benchmarks.report import Report
from orders.models import Order, OrderCycle, PurchaseOrder
from orders.policies.order_change import LineEdit
from orders.services import bulk_order, order_change, order_cycle, purchase_order_response
from orders.services.purchase_order_response import Answer, Delivery

SIZES = (100, 1_000, 10_000)
LONG_ORDER = 1_000

# What no answer can do without: two kept parts of each line, its new state, and its second delivery.
BARE_ANSWER = """
    WITH answer AS (
        INSERT INTO orders_orderresponse (id, purchase_order_id, factory_id, response_version, code,
            external_reference, note, created_at)
        SELECT %(answer)s, id, factory_id, 1000 + response_version, 'CA', '', '', now()
        FROM orders_purchaseorder WHERE id = %(order)s),
    line AS (SELECT * FROM orders_purchaseorderline WHERE purchase_order_id = %(order)s),
    kept AS (
        INSERT INTO orders_orderresponseline (response_id, factory_id, purchase_order_line_id, schedule_number, code,
            confirmed_quantity, promised_date, reason, substitute_units, replaced_units)
        SELECT %(answer)s, factory_id, id, part, 'PARTIAL', quantity / 2, requested_date + part, '', 1, 1
        FROM line CROSS JOIN generate_series(1, 2) part),
    told AS (
        INSERT INTO orders_supplyevent (purchase_order_line_id, factory_id, kind, quantity, source, at)
        SELECT id, factory_id, 'confirmed', 0, 'bare', now() FROM line),
    parts AS (
        INSERT INTO orders_scheduleline (purchase_order_line_id, factory_id, schedule_number, quantity,
            requested_date, confirmed_quantity, promised_date, response_code, response_version)
        SELECT id, factory_id, 100, 0, requested_date, 0, requested_date, 'PARTIAL', 1 FROM line),
    ordered AS (
        UPDATE orders_scheduleline part SET confirmed_quantity = part.confirmed_quantity, response_version = 1
        FROM line WHERE part.purchase_order_line_id = line.id AND part.split_of_id IS NULL),
    shared AS (UPDATE orders_peg peg SET allocated = peg.allocated FROM line
        WHERE peg.purchase_order_line_id = line.id)
    UPDATE orders_purchaseorderline bought SET promised_date = bought.promised_date, response_version = 1
    FROM line WHERE bought.id = line.id
"""
BARE_EDIT = """
    WITH told AS (
        INSERT INTO orders_quantityevent (line_id, dealer_id, kind, quantity, source, at)
        SELECT id, dealer_id, 'requested', 0, %(source)s, now() FROM orders_orderline
        WHERE order_id = %(order)s AND line_number = 7),
    line AS (UPDATE orders_orderline SET net_amount = net_amount WHERE order_id = %(order)s AND line_number = 7)
    UPDATE orders_order SET version = version WHERE id = %(order)s
"""


def run(report: Report) -> None:
    """Measure answers of a purchase order by its lines, and edits of an order by its length."""
    _answers(report)
    _edits(report)


def _answers(report: Report) -> None:
    with limit.connect() as bare:
        for size in (50, *report.sizes(*SIZES)):
            made = world.build(products=size, prefix=f"R{size}-")
            cycle = _ordered(made, size)
            order_cycle.close(cycle, early=True, by=world.BY, at=world.AT)
            placed = PurchaseOrder.objects.get(cycle=cycle)
            bare.execute(
                "ANALYZE orders_purchaseorderline, orders_scheduleline, orders_peg, orders_orderline"
            )
            answers = _in_two(placed)
            found = limit.middle(1, lambda _, placed=placed, answers=answers: _answer(placed, answers))
            key = {"order": placed.pk, "answer": uuid7()}
            lowest = limit.middle(1, lambda _, key=key: bare.execute(BARE_ANSWER, key))
            bare.rollback()
            if size == 50:  # that was to get everything warm
                continue
            report.rate(
                "answer a purchase order in two deliveries a line", size, found, unit="lines/s",
                limit_seconds=lowest.seconds, within_s=5 if size == max(SIZES) else None,
            )  # fmt: skip


def _ordered(made: world.World, size: int) -> OrderCycle:
    cycle = world.cycle(made)
    who = made.dealer_actor()
    rows = bulk_order.rows_of({"sku": made.sku(n), "quantity": 60} for n in range(size))
    with acting_as(who):
        bulk_order.submit(rows, dealer=made.dealers[0], ship_to=made.shops[0], by=who, at=world.AT)
    return cycle


def _in_two(placed: PurchaseOrder) -> list[Answer]:
    return [
        Answer(number, schedules=(Delivery(half, day), Delivery(quantity - half, day + timedelta(days=7))))
        for number, quantity, day in placed.lines.values_list("line_number", "quantity", "requested_date")
        if (half := quantity // 2)
    ]


def _answer(placed: PurchaseOrder, answers: list[Answer]) -> None:
    purchase_order_response.respond(placed, answers=answers, by=world.BY, at=world.AT)


def _edits(report: Report) -> None:
    made = world.build(products=LONG_ORDER, prefix="E-")
    _ordered(made, LONG_ORDER)
    order = Order.objects.select_related("dealer").get(dealer=made.dealers[0])
    units = iter(range(61, 10_000))
    found = limit.middle(
        5,
        lambda _: order_change.change(order, edits=[LineEdit(7, next(units))], by=world.BY, at=world.AT),
    )
    with limit.connect() as bare:
        names = iter(range(10_000))
        lowest = limit.middle(
            5, lambda _: bare.execute(BARE_EDIT, {"order": order.pk, "source": f"bare:{next(names)}"})
        )
        bare.rollback()
    report.rate(
        "edit one line of an order of 1,000 lines", 1, found, unit="edits/s", limit_seconds=lowest.seconds,
        within_s=1,
    )  # fmt: skip
