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
from orders.services import (
    leftover,
    pool,
    pooled_line,
    production_signal,
    purchase_order,
    repricing,
    savings,
    surplus_supply,
)
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
        # One after the other: two cycles may want the same waiting lines.
        advisory_lock("orders.cycle.close")
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
    held = surplus_supply.hold(cycle)
    demand = pool.collect(cycle, kept=bool(held), at=at)
    surplus_supply.take(cycle, demand, held, at=at)
    pooled = purchase_order.plan(demand, at=at)
    placed, schedule = purchase_order.place(cycle, pooled, by=by, at=at)
    if demand.lines:
        outcome = pooled_line.decide(cycle, demand, pooled, schedule)
        pooled_line.write(cycle, outcome, pooled, schedule, lines=demand.lines, at=at)
        repricing.apply(cycle, outcome, by=by, at=at)
        savings.state(cycle, outcome, by=by, at=at)
        leftover.forget(demand.leftovers)
    if not placed:
        cycle.advance("close", by=by, at=at, reason="nothing was wanted")
        return []
    sent = {order.factory_id for order in placed if order.status == "SENT"}
    if not sent:
        return placed  # the factories hear of it once it is approved
    production_signal.raise_(cycle, [one for one in pooled if one.factory_id in sent], by=by, at=at)
    cycle.advance("send", by=by, at=at)
    return placed


def close_due(*, by: Actor, at: datetime) -> list[PurchaseOrder]:
    """Close every cycle whose cut-off has passed, each in a transaction of its own."""
    operators_only(by)
    with acting_as(system("orders")):
        passed = OrderCycle.objects.filter(status__in=BEFORE_CUTOFF, cutoff_at__lte=at)
        due = list(passed.order_by("cutoff_at", "pk"))
    return [order for cycle in due for order in close(cycle, by=by, at=at)]
