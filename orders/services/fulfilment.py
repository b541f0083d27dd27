"""Take note of what left, arrived and was invoiced, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from b2b.contracts.logistics import CarriedShipment
from b2b.core.actor import Actor
from b2b.db.bulk import fetch
from b2b.db.locks import lock
from b2b.db.models import StatusChange, advance_all, record
from b2b.db.transactions import unit_of_work
from orders.models import Order
from orders.services import quantity


@unit_of_work()
def note(bucket: str, lines: Iterable[tuple[int, int]], *, source: str, by: Actor, at: datetime) -> None:
    """Advance one bucket by (order line, base units) of a source document, and complete orders that have all.

    :raises OutOfOrder: when the step before it has not been told yet.
    """
    changes = [(line_id, bucket, moved) for line_id, moved in lines if moved]
    quantity.advance(changes, source=source, at=at)
    if bucket == "delivered":
        _complete([line_id for line_id, _, _ in changes], by=by, at=at)


@unit_of_work()
def note_departure(shipments: Sequence[CarriedShipment], *, at: datetime) -> None:
    """Advance what left in each shipment; a shipment that leaves again counts once."""
    quantity.advance_each(
        (
            (line.order_line_id, "shipped", line.quantity, shipment_source(shipment.shipment_id))
            for shipment in shipments
            for line in shipment.lines
        ),
        at=at,
    )


def _complete(line_ids: Sequence[int], *, by: Actor, at: datetime) -> None:
    finished = fetch(
        """
        SELECT parent.id FROM orders_order parent
        WHERE parent.id IN (SELECT order_id FROM orders_orderline WHERE id = ANY(%s))
            AND parent.status = 'CONFIRMED' AND NOT EXISTS (
                SELECT FROM orders_orderline line
                WHERE line.order_id = parent.id AND line.delivered < line.requested - line.cancelled)
        """,
        [list(line_ids)],
    )
    orders = lock(Order.objects.filter(pk__in=[order_id for (order_id,) in finished], status="CONFIRMED"))
    advance_all(orders, "complete", by=by, at=at)


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
