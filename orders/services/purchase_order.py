"""One purchase order for a pool, with a peg to every order line it serves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from b2b.contracts.orders import PurchaseLine, PurchaseOrderPlaced
from b2b.core.actor import Actor
from b2b.core.money import Money, round_to_currency
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.models import record
from b2b.db.sequences import number, take
from b2b.outbox.publish import publish
from orders.models import OrderCycle, PurchaseOrder, PurchaseOrderLine, ScheduleLine
from orders.services import approval, blanket_release, response_deadline
from orders.services.pool import Demand
from orders.services.purchase_order_response import Answer, InvalidResponse, respond

__all__ = ["Answer", "InvalidResponse", "place", "respond", "send"]

_PEGS: Final = {"line_id": "bigint", "dealer_id": "bigint", "product_id": "bigint", "pegged": "bigint"}


def place(cycle: OrderCycle, demand: Demand, *, by: Actor, at: datetime) -> PurchaseOrder:
    """Write the purchase order of a frozen cycle and peg it: order lines first, the surplus to platform stock.

    It is sent at once unless a rule of the operator wants it approved first. The pegs of each line sum to its
    quantity. Publishes PurchaseOrderPlaced. A constant number of statements.
    """
    requested = {
        product_id: at.date() + timedelta(days=days) for product_id, days in demand.lead_time_days.items()
    }
    order = PurchaseOrder(
        number=number("PO", cycle.factory.code, take("purchase_order", cycle.factory_id).start),
        factory_id=cycle.factory_id,
        cycle=cycle,
        warehouse_site_id=cycle.warehouse_site_id,
        currency=cycle.currency,
        created_at=at,
        updated_at=at,
    )
    lines = _lines(order, demand, requested)
    order.total_net = sum((line.net_amount for line in lines), start=Money.of(0, cycle.currency).amount)
    order.save(force_insert=True)
    PurchaseOrderLine.objects.bulk_create(lines)
    ScheduleLine.objects.bulk_create(
        ScheduleLine(
            purchase_order_line=line,
            factory_id=line.factory_id,
            quantity=line.quantity,
            requested_date=line.requested_date,
        )
        for line in lines
    )
    _peg(order, demand)
    blanket_release.call_off(order, lines, by=by, at=at)
    record([(order, "place", "", order.status)], by=by, at=at)
    if needed := approval.needed_for_purchase(order):
        order.advance("await_approval", by=by, at=at)
        approval.ask(order, needed, by=by, at=at)
    else:
        send(order, lines, by=by, at=at)
    return order


def send(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], *, by: Actor, at: datetime) -> None:
    """Send a written purchase order to its factory; publishes PurchaseOrderPlaced. The caller holds the order."""
    order.advance("send", by=by, at=at, respond_by_at=response_deadline.respond_by())
    publish(_placed(order, lines, at))


def _lines(order: PurchaseOrder, demand: Demand, requested: dict[int, date]) -> list[PurchaseOrderLine]:
    return [
        PurchaseOrderLine(
            purchase_order=order,
            factory_id=order.factory_id,
            line_number=line_number,
            product_id=product_id,
            quantity=bought.quantity,
            surplus_quantity=bought.surplus,
            unit_price=bought.unit_price,
            net_amount=round_to_currency(bought.unit_price * bought.quantity, order.currency),
            requested_date=requested[product_id],
        )
        for line_number, (product_id, bought) in enumerate(demand.purchases.items(), start=1)
    ]


def _peg(order: PurchaseOrder, demand: Demand) -> None:
    pegs = [(line.line_id, line.dealer_id, line.product_id, line.pooled_quantity) for line in demand.lines]
    surplus = [
        (None, None, product_id, bought.surplus)
        for product_id, bought in demand.purchases.items()
        if bought.surplus
    ]
    execute(
        f"""
        INSERT INTO orders_peg (schedule_line_id, purchase_order_line_id, order_line_id, dealer_id, surplus_owner,
            pegged, allocated, received)
        SELECT schedule.id, line.id, given.line_id, given.dealer_id,
            CASE WHEN given.line_id IS NULL THEN 'PLATFORM' ELSE '' END, given.pegged, 0, 0
        FROM {unnest(_PEGS)} JOIN orders_purchaseorderline line
            ON line.product_id = given.product_id AND line.purchase_order_id = %(order)s
        JOIN orders_scheduleline schedule ON schedule.purchase_order_line_id = line.id
        """,
        {**transpose(list(_PEGS), [*pegs, *surplus]), "order": order.pk},
    )


def _placed(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], at: datetime) -> PurchaseOrderPlaced:
    return PurchaseOrderPlaced(
        occurred_at=at,
        purchase_order_id=order.pk,
        number=order.number,
        factory_id=order.factory_id,
        warehouse_site_id=order.warehouse_site_id,
        currency=order.currency,
        lines=tuple(
            PurchaseLine(
                line_id=line.pk,
                line_number=line.line_number,
                product_id=line.product_id,
                quantity=line.quantity,
                unit_price=line.unit_price,
                requested_date=line.requested_date,
            )
            for line in lines
        ),
    )
