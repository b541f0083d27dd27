"""What the warehouse had for an order and does not find: it waits again, is bought anew, and the dealer is told."""

from __future__ import annotations

from b2b.contracts.warehousing import PickedShort
from b2b.core.actor import Actor
from b2b.db.locks import lock, lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from orders.models import Order, OrderLine, PurchaseOrder, QuantityEvent
from orders.services import peg_release, quantity


@unit_of_work()
def note(event: PickedShort, *, by: Actor) -> int:
    """Take lost goods off an order line and return how many units wait for the next cycle now; told twice, once.

    Goods of free stock do not cover the line any more; goods that a factory sent for it become the platform's, whose
    loss they are. What nothing covered yet waits anyway. An order that is over wants nothing.
    """
    keys = PurchaseOrder.objects.filter(
        lines__pegs__order_line_id=event.order_line_id, lines__pegs__received__gt=0
    ).values("pk")
    purchases = lock(PurchaseOrder.objects.filter(pk__in=list(keys.values_list("pk", flat=True).distinct())))
    order = lock_one(Order.objects.filter(pk=event.order_id))
    line = lock_one(OrderLine.objects.filter(pk=event.order_line_id, order=order))
    source = f"short:{event.short_id}"
    if order.status != "CONFIRMED" or QuantityEvent.objects.filter(line=line, source=source).exists():
        return 0
    OrderLine.objects.filter(pk=line.pk).update(waiting_reason=OrderLine.Waiting.NOT_FOUND)
    here = max(0, line.covered + line.received - line.shipped)
    supplied = min(event.supplied_quantity, line.received, here)
    uncovered = min(event.quantity - event.supplied_quantity, line.covered, here - supplied)
    if supplied:
        supplied = peg_release.give_up_received(line.pk, supplied, purchases, at=event.occurred_at)
    changes = [(line.pk, bucket, -supplied) for bucket in ("pooled", "allocated", "received")]
    changes.append((line.pk, "covered", -uncovered))
    if quantity.advance(changes, source=source, at=event.occurred_at):
        moves = [(order, "miss_goods", order.status, order.status)]
        record(moves, by=by, at=event.occurred_at, reason=_why(line, supplied + uncovered))
    return int(supplied + uncovered)


def _why(line: OrderLine, units: int) -> str:
    return (
        f"{units} units of line {line.line_number} were not found in the warehouse; the next cycle has them"
    )
