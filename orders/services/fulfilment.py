"""Take note of what left, arrived and was invoiced, line by line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.contracts.finance import InvoicedLine
from b2b.contracts.logistics import CarriedShipment, DeliveredLine
from b2b.core.actor import Actor
from b2b.db.bulk import fetch
from b2b.db.locks import lock
from b2b.db.models import StatusChange, advance_all, record
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from orders.models import Order
from orders.selectors import ordered_lines
from orders.selectors.ordered_lines import changed
from orders.services import cost_share, demand, quantity

NOT_TAKEN: Final = "not taken at the door"


@unit_of_work()
def note_departure(shipments: Sequence[CarriedShipment], *, at: datetime) -> None:
    """Advance what left in each shipment; a shipment that leaves again counts once.

    Goods of an order that was withdrawn when they were packed already have left all the same: they are not cancelled.
    """
    orders = _hold({line.order_id for shipment in shipments for line in shipment.lines})
    withdrawn = {order.pk for order in orders if order.status == "CANCELLED"}
    left = [
        (line, shipment_source(shipment.shipment_id)) for shipment in shipments for line in shipment.lines
    ]
    changes = [(line.order_line_id, "shipped", line.quantity, source) for line, source in left]
    changes += [
        (line.order_line_id, "cancelled", -line.quantity, source)
        for line, source in left
        if line.order_id in withdrawn
    ]
    quantity.advance_each(changes, at=at)
    demand.note(order.pk for order in orders)


@unit_of_work()
def note_delivery(shipment_id: UUID, lines: Sequence[DeliveredLine], *, by: Actor, at: datetime) -> None:
    """Advance what was signed for and what was not taken, and complete orders that have all; told twice, once.

    What was not taken is owed no more: OrderChanged says so, so that nobody waits for it and its credit is freed.

    :raises OutOfOrder: when the departure has not been told yet.
    """
    orders = _hold({line.order_id for line in lines})
    changes = [
        (line.order_line_id, bucket, moved)
        for line in lines
        for bucket, moved in (("delivered", line.delivered_quantity), ("returned", line.short_quantity))
        if moved
    ]
    if not quantity.advance(changes, source=shipment_source(shipment_id), at=at):
        return
    short = {line.order_id for line in lines if line.short_quantity}
    _shorten([order for order in orders if order.pk in short and order.status == "CONFIRMED"], by=by, at=at)
    _complete(orders, by=by, at=at)
    cost_share.follow_delivery(shipment_id, by=by, at=at)


@unit_of_work()
def note_invoice(invoice_id: UUID, lines: Sequence[InvoicedLine], *, at: datetime) -> None:
    """Advance what was invoiced; told twice, it counts once.

    :raises OutOfOrder: when the delivery has not been told yet.
    """
    quantity.advance(
        ((line.order_line_id, "invoiced", line.quantity) for line in lines),
        source=f"invoice:{invoice_id}",
        at=at,
    )


def _hold(order_ids: Collection[UUID]) -> list[Order]:
    """Lock orders before their lines, as a closing cycle does."""
    return lock(Order.objects.filter(pk__in=order_ids))


def _shorten(orders: Sequence[Order], *, by: Actor, at: datetime) -> None:
    advance_all(orders, "shorten", by=by, at=at, reason=NOT_TAKEN)
    stands = ordered_lines.of_orders(order.pk for order in orders)
    publish(*(changed(order, stands[order.pk], reason=NOT_TAKEN, at=at) for order in orders))


def _complete(orders: Sequence[Order], *, by: Actor, at: datetime) -> None:
    finished = {
        order_id
        for (order_id,) in fetch(
            """
            SELECT parent.id FROM orders_order parent
            WHERE parent.id = ANY(%s) AND NOT EXISTS (
                SELECT FROM orders_orderline line WHERE line.order_id = parent.id
                    AND line.delivered + line.returned < line.requested - line.cancelled)
            """,
            [[order.pk for order in orders if order.status == "CONFIRMED"]],
        )
    }
    advance_all([order for order in orders if order.pk in finished], "complete", by=by, at=at)


@unit_of_work()
def note_failed_delivery(shipment_id: UUID, *, reason: str, by: Actor, at: datetime) -> None:
    """Remark in the history of every order of a shipment that it could not be delivered; told twice, once."""
    orders = lock(
        Order.objects.filter(
            pk__in=[
                order_id
                for (order_id,) in fetch(
                    """
                    SELECT DISTINCT line.order_id FROM orders_quantityevent event
                    JOIN orders_orderline line ON line.id = event.line_id
                    WHERE event.kind = 'shipped' AND event.source = %s
                    """,
                    [shipment_source(shipment_id)],
                )
            ]
        )
    )
    told = set(
        StatusChange.objects.filter(
            document_id__in=[order.pk for order in orders], verb="fail_delivery", at=at
        ).values_list("document_id", flat=True)
    )
    record(
        ((order, "fail_delivery", order.status, order.status) for order in orders if order.pk not in told),
        by=by,
        at=at,
        reason=reason,
    )


def shipment_source(shipment_id: UUID) -> str:
    """Return the name under which a shipment counts once, on whatever trip it leaves."""
    return f"shipment:{shipment_id}"
