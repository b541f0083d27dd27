"""What becomes of cycles by itself as time passes; called twice or late it ends the same."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from b2b.core.actor import Actor, acting_as, system
from b2b.db.bulk import fetch_value
from b2b.db.locks import advisory_lock, lock
from b2b.db.models import advance_all
from b2b.db.transactions import unit_of_work
from orders.models import OrderCycle
from orders.policies import recurrence
from orders.services import cycle_plan


@unit_of_work()
def ensure_open(*, by: Actor, at: datetime) -> list[OrderCycle]:
    """Plan what follows every repeating cycle that has begun, and open what is due by the database's clock.

    The next cycle is there before the cut-off of the one that runs, so that no order falls between them. Periods
    missed while nobody called are passed over. Returns what was opened: nothing when called again.

    :raises Forbidden: unless the operator or the platform asks.
    """
    cycle_plan.operators_only(by)
    with acting_as(system("orders")):
        advisory_lock("orders.cycle.recurrence")
        now = fetch_value("SELECT midstream_now()")
        begun = OrderCycle.objects.filter(
            recurrence__isnull=False, followed_by__isnull=True, opens_at__lte=now
        )
        while due := list(begun.select_related("factory", "warehouse_site").order_by("pk")):
            for cycle in due:
                _plan_after(cycle, now, by=by, at=at)
        opening = lock(OrderCycle.objects.filter(status="DRAFT", opens_at__lte=now))
        advance_all(opening, "open", by=by, at=at)
        return opening


def _plan_after(cycle: OrderCycle, now: datetime, *, by: Actor, at: datetime) -> OrderCycle:
    rule = recurrence.parse(cycle.recurrence or {}, first=cycle.cutoff_at, zone=settings.TIME_ZONE)
    alike = OrderCycle.objects.filter(
        factory=cycle.factory,
        category=cycle.category,
        warehouse_site=cycle.warehouse_site,
        region=cycle.region,
        currency=cycle.currency,
    )
    cutoff_at = rule.after(max(cycle.cutoff_at, now))
    # The operator may have planned a cycle of its own for that moment.
    while alike.filter(cutoff_at=cutoff_at).exists():
        cutoff_at = rule.after(cutoff_at)
    opens_at = cycle.cutoff_at
    lead = None if cycle.boxfill_at is None else cycle.cutoff_at - cycle.boxfill_at
    return cycle_plan.plan(
        cycle.factory,
        category=cycle.category,
        warehouse=cycle.warehouse_site,
        opens_at=opens_at,
        boxfill_at=None if lead is None else max(opens_at, cutoff_at - lead),
        cutoff_at=cutoff_at,
        region=cycle.region,
        currency=cycle.currency,
        recurrence=cycle.recurrence,
        follows=cycle,
        window_days=cycle.window_days,
        policy=cycle.policy,
        by=by,
        at=at,
    )


@unit_of_work()
def fill_packs(*, by: Actor, at: datetime) -> list[OrderCycle]:
    """Note on the open cycles whose time has come that they fill packs; orders are held to it by the clock alone.

    :raises Forbidden: unless the operator or the platform asks.
    """
    cycle_plan.operators_only(by)
    with acting_as(system("orders")):
        now = fetch_value("SELECT midstream_now()")
        due = lock(OrderCycle.objects.filter(status="OPEN", boxfill_at__lte=now, cutoff_at__gt=now))
        advance_all(due, "boxfill", by=by, at=at)
        return due
