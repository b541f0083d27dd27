"""Close a purchase order of which nothing more will come."""

from __future__ import annotations

from datetime import datetime

from b2b.core.actor import Actor
from b2b.db.locks import lock
from b2b.db.models import advance_all
from orders.models import DespatchAdvice, PurchaseOrder, Substitution
from orders.services import cycle_status


def close_when_complete(order: PurchaseOrder, *, by: Actor, at: datetime) -> None:
    """Close a purchase order and its cycle once all that is promised has come; its advices once all that was sent has.

    A line the factory has not answered keeps it open, and so does a substitute a
    dealer has not decided on. The caller holds the purchase order.
    """
    lines = list(order.lines.all())
    if all(line.received >= line.despatched for line in lines):
        waiting = lock(DespatchAdvice.objects.filter(purchase_order=order, status="ADVISED"))
        advance_all(waiting, "receive", by=by, at=at)
    done = all(line.response_version and line.received >= line.confirmed for line in lines)
    offered = Substitution.objects.filter(purchase_order_line__in=lines, status="OFFERED")
    if done and not offered.exists() and PurchaseOrder.machine.allows(order.status, "close"):
        order.advance("close", by=by, at=at)
        cycle_status.settle(order.cycle_id, by=by, at=at)
