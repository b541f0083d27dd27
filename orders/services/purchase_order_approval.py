"""Approve, or decline, a purchase order before the factory hears of it."""

from __future__ import annotations

from datetime import datetime

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Forbidden
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from orders.models import OrderCycle, PurchaseOrder, PurchaseOrderLine
from orders.policies.pooling import Commitment, Purchase
from orders.services import allocation, approval, production_signal, purchase_order, signal_call_off
from orders.services.approval_decision import ReasonMissing, close_steps, decided, to_decide
from orders.services.purchase_order import Pooled


def _operators_only(by: Actor) -> None:
    if not by.sees_all:
        raise Forbidden("only the operator approves purchase orders")


@unit_of_work()
def approve(order: PurchaseOrder, *, reason: str = "", by: Actor, at: datetime) -> PurchaseOrder:
    """Approve what `by` may decide of the tier that is asked now; the last approval sends the purchase order.

    Publishes ApprovalDecided, and with the last approval PurchaseOrderPlaced and ProductionSignalRaised.

    :raises NotYours: for whoever asked, and all who are not named, lent or of the role.
    :raises IllegalTransition: when it does not wait for approval.
    """
    _operators_only(by)
    locked = lock_one(PurchaseOrder.objects.filter(pk=order.pk))
    PurchaseOrder.machine.next(locked.status, "send")
    deciding = to_decide(locked, by=by)
    close_steps(deciding, "approve", reason=reason, by=by, at=at)
    is_final = not approval.pending_of(locked)
    with acting_as(system("orders")):
        if is_final:
            _send(locked, by=by, at=at)
        else:
            approval.open_next_tier(locked, at=at)
        publish(decided(locked, deciding, "APPROVED", reason, is_final=is_final, at=at))
    return locked


def _send(order: PurchaseOrder, *, by: Actor, at: datetime) -> None:
    lines = list(PurchaseOrderLine.objects.filter(purchase_order=order).order_by("line_number"))
    purchase_order.send({order: lines}, by=by, at=at)
    cycle = lock_one(OrderCycle.objects.filter(pk=order.cycle_id))
    if not cycle.for_stock:  # there a signal was first
        production_signal.raise_(cycle, [_pooled(line) for line in lines], by=by, at=at)
    if OrderCycle.machine.allows(cycle.status, "send"):
        cycle.advance("send", by=by, at=at)


def _pooled(line: PurchaseOrderLine) -> Pooled:
    """Return what was bought as the signal wants it; its order lines are pegged already."""
    bought = Purchase(line.quantity, line.surplus_quantity, line.unit_price)
    return Pooled(
        factory_id=line.factory_id,
        product_id=line.product_id,
        window_number=line.window_number,
        takes_undated=False,
        requested_date=line.requested_date,
        commitment=Commitment(bought, need=line.quantity - line.surplus_quantity, flexed=0),
    )


@unit_of_work()
def decline(order: PurchaseOrder, *, reason: str, by: Actor, at: datetime) -> PurchaseOrder:
    """Do not buy: the lines wait for the next cycle again, as if the factory had promised nothing.

    Publishes ApprovalDecided and SupplyAllocated.

    :raises NotYours: as `approve` does. :raises ReasonMissing: without a reason.
    """
    _operators_only(by)
    if not reason.strip():
        raise ReasonMissing
    locked = lock_one(PurchaseOrder.objects.filter(pk=order.pk))
    PurchaseOrder.machine.next(locked.status, "decline")
    deciding = to_decide(locked, by=by)
    close_steps(deciding, "decline", reason=reason, by=by, at=at)
    approval.drop(locked, by=by, at=at, reason=reason)
    with acting_as(system("orders")):
        lines = [line.pk for line in lock(PurchaseOrderLine.objects.filter(purchase_order=locked))]
        PurchaseOrderLine.objects.filter(pk__in=lines).update(response_version=1)
        locked.advance("decline", by=by, at=at, reason=reason, response_version=1)
        allocation.share(locked, lines=lines, first=lines, at=at)
        cycle = lock_one(OrderCycle.objects.filter(pk=locked.cycle_id))
        if not cycle.purchase_orders.exclude(status="REJECTED").exists():
            cycle.advance("close", by=by, at=at, reason=reason)
        signal_call_off.follow(locked, by=by, at=at)
        publish(decided(locked, deciding, "DECLINED", reason, is_final=True, at=at))
    return locked
