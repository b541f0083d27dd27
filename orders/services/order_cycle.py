"""Close a cycle at its cut-off: freeze, pool, buy, and tell everyone."""

from __future__ import annotations

from datetime import datetime

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import NotYet
from b2b.db.bulk import fetch_value
from b2b.db.locks import advisory_lock, lock_one
from b2b.db.transactions import unit_of_work
from orders.models import OrderCycle, PurchaseOrder
from orders.policies.policy_seal import seal
from orders.services import pool, production_signal, purchase_order, repricing, savings
from orders.services.cycle_plan import open, operators_only, plan  # noqa: A004 - the trade's verb
from orders.states import BEFORE_CUTOFF

__all__ = ["BeforeCutoff", "close", "close_due", "open", "plan"]


class BeforeCutoff(NotYet):
    """The cycle still takes orders."""

    code = "before_cutoff"


@unit_of_work()
def close(cycle: OrderCycle, *, early: bool = False, by: Actor, at: datetime) -> list[PurchaseOrder]:
    """Freeze a cycle and turn its net demand into one purchase order per factory; everything in one transaction.

    A second call finds the cycle closed and returns the same purchase orders. Empty when nothing was wanted. The
    number of statements does not depend on the number of lines. Publishes PurchaseOrderPlaced, OrderChanged per
    repriced order, SavingsStated per dealer and ProductionSignalRaised.

    :raises BeforeCutoff: before the cut-off by the database's clock, unless closed `early`.
    """
    operators_only(by)
    with acting_as(system("orders")):
        advisory_lock(f"orders.cycle.{cycle.factory_id}")
        locked = lock_one(OrderCycle.objects.filter(pk=cycle.pk))
        if locked.status not in BEFORE_CUTOFF:
            return list(PurchaseOrder.objects.filter(cycle=locked).order_by("number"))
        now = fetch_value("SELECT midstream_now()")
        if now < locked.cutoff_at and not early:
            raise BeforeCutoff(f"{locked.number} takes orders until {locked.cutoff_at.isoformat()}")
        if locked.status == "DRAFT":  # nobody came by while it was open
            locked.advance("open", by=by, at=at)
        locked.advance("freeze", by=by, at=at, policy_hash=seal(locked.policy))
        return _order(locked, by=by, at=at)


def _order(cycle: OrderCycle, *, by: Actor, at: datetime) -> list[PurchaseOrder]:
    demand = pool.collect(cycle, at=at)
    if not demand.lines:
        cycle.advance("close", by=by, at=at, reason="nothing was wanted")
        return []
    placed = purchase_order.place(cycle, demand, by=by, at=at)
    repriced = repricing.apply(cycle, demand, by=by, at=at)
    savings.state(cycle, repriced, by=by, at=at)
    if placed.status == "AWAITING_APPROVAL":
        return [placed]  # the factory hears of it once it is approved
    production_signal.raise_(cycle, demand, by=by, at=at)
    cycle.advance("send", by=by, at=at)
    return [placed]


def close_due(*, by: Actor, at: datetime) -> list[PurchaseOrder]:
    """Close every cycle whose cut-off has passed, each in a transaction of its own."""
    operators_only(by)
    with acting_as(system("orders")):
        passed = OrderCycle.objects.filter(status__in=BEFORE_CUTOFF, cutoff_at__lte=at)
        due = list(passed.order_by("cutoff_at", "pk"))
    return [order for cycle in due for order in close(cycle, by=by, at=at)]
