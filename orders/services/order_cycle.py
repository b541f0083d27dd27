"""Open a cycle, close it at its cut-off, open the one after it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Forbidden, NotYet
from b2b.db.bulk import fetch_value
from b2b.db.locks import advisory_lock, lock_one
from b2b.db.models import record
from b2b.db.sequences import number, take
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization, Site
from orders.models import OrderCycle, PurchaseOrder
from orders.models.cycle import default_policy
from orders.policies.fair_share import POLICIES, UnknownPolicy
from orders.policies.sharing import SharingRule
from orders.services import pool, production_signal, purchase_order, repricing, savings


class BeforeCutoff(NotYet):
    """The cycle still takes orders."""

    code = "before_cutoff"


def _operators_only(by: Actor) -> None:
    if not by.sees_all:
        raise Forbidden("only the operator runs order cycles")


@unit_of_work()
def open(  # noqa: A001 - the trade's verb; called as order_cycle.open(...)
    factory: Organization | None = None,
    *,
    category: str = "",
    warehouse: Site,
    opens_at: datetime,
    cutoff_at: datetime,
    region: str = "",
    currency: str = "",
    recurrence_days: int | None = None,
    window_days: int | None = 7,
    policy: dict[str, Any] | None = None,
    by: Actor,
    at: datetime,
) -> OrderCycle:
    """Open a cycle in which orders for a factory, or for a category of all factories, are pooled until `cutoff_at`.

    Needs whose dates lie within the same `window_days` are bought together, None for all dates.

    :raises Forbidden: unless the operator asks. :raises UnknownPolicy: for a sharing policy that is not declared.
    :raises ValueError: when the sharing rule does not sum to 10,000 basis points, or neither or both of factory and
    category are given.
    """
    _operators_only(by)
    if (factory is None) == (category == ""):
        raise ValueError("a cycle is of a factory or of a category")
    issuer = factory or warehouse.organization
    declared = {**default_policy(), **(policy or {})}
    if declared["fair_share"] not in POLICIES:
        raise UnknownPolicy(f"{declared['fair_share']} is none of {', '.join(POLICIES)}")
    SharingRule(**declared["sharing"])
    with acting_as(system("orders")):
        cycle = OrderCycle(
            number=number("OC", issuer.code, take("order_cycle", issuer.pk).start),
            factory=factory,
            category=category,
            warehouse_site=warehouse,
            region=region,
            currency=currency or issuer.currency,
            opens_at=opens_at,
            cutoff_at=cutoff_at,
            recurrence_days=recurrence_days,
            window_days=window_days,
            policy=declared,
            created_at=at,
            updated_at=at,
        )
        cycle.save(force_insert=True)
        record([(cycle, "plan", "", cycle.status)], by=by, at=at)
        cycle.advance("open", by=by, at=at)
    return cycle


@unit_of_work()
def close(cycle: OrderCycle, *, early: bool = False, by: Actor, at: datetime) -> list[PurchaseOrder]:
    """Freeze a cycle and turn its net demand into one purchase order per factory; everything in one transaction.

    A second call finds the cycle closed and returns the same purchase orders. Empty when nothing was wanted. The
    number of statements does not depend on the number of lines. Publishes PurchaseOrderPlaced, OrderChanged per
    repriced order, SavingsStated per dealer and ProductionSignalRaised.

    :raises BeforeCutoff: before the cut-off by the database's clock, unless closed `early`.
    """
    _operators_only(by)
    with acting_as(system("orders")):
        advisory_lock(f"orders.cycle.{cycle.factory_id}")
        locked = lock_one(OrderCycle.objects.filter(pk=cycle.pk))
        if locked.status not in ("DRAFT", "OPEN"):
            return list(PurchaseOrder.objects.filter(cycle=locked).order_by("number"))
        now = fetch_value("SELECT midstream_now()")
        if now < locked.cutoff_at and not early:
            raise BeforeCutoff(f"{locked.number} takes orders until {locked.cutoff_at.isoformat()}")
        locked.advance("freeze", by=by, at=at, policy_hash=policy_hash(locked.policy))
        return _order(locked, by=by, at=at)


def _order(cycle: OrderCycle, *, by: Actor, at: datetime) -> list[PurchaseOrder]:
    demand = pool.collect(cycle, at=at)
    if not demand.lines:
        cycle.advance("close", by=by, at=at, reason="nothing was wanted")
        return []
    placed = purchase_order.place(cycle, demand, by=by, at=at)
    repriced = repricing.apply(cycle, demand, by=by, at=at)
    savings.state(cycle, repriced, by=by, at=at)
    production_signal.raise_(cycle, demand, by=by, at=at)
    cycle.advance("send", by=by, at=at)
    return [placed]


def policy_hash(policy: dict[str, Any]) -> str:
    """Return the SHA-256 of a policy in canonical JSON."""
    return hashlib.sha256(json.dumps(policy, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@unit_of_work()
def ensure_open(*, by: Actor, at: datetime) -> list[OrderCycle]:
    """Open the next recurrence of every repeating cycle whose cut-off has passed; calling again opens nothing new.

    Periods missed while nobody called are passed over: the new cycle is the one whose cut-off is ahead.
    """
    _operators_only(by)
    with acting_as(system("orders")):
        advisory_lock("orders.cycle.recurrence")
        latest = OrderCycle.objects.filter(recurrence_days__isnull=False).order_by(
            "factory_id", "category", "warehouse_site_id", "region", "currency", "-cutoff_at"
        ).distinct("factory_id", "category", "warehouse_site_id", "region", "currency")  # fmt: skip
        due = [cycle for cycle in latest.select_related("factory", "warehouse_site") if cycle.cutoff_at <= at]
        return [_following(cycle, by=by, at=at) for cycle in due]


def _following(cycle: OrderCycle, *, by: Actor, at: datetime) -> OrderCycle:
    period = timedelta(days=cycle.recurrence_days or 1)
    missed = (at - cycle.cutoff_at) // period
    return open(
        cycle.factory,
        category=cycle.category,
        warehouse=cycle.warehouse_site,
        opens_at=cycle.cutoff_at + missed * period,
        cutoff_at=cycle.cutoff_at + (missed + 1) * period,
        region=cycle.region,
        currency=cycle.currency,
        recurrence_days=cycle.recurrence_days,
        window_days=cycle.window_days,
        policy=cycle.policy,
        by=by,
        at=at,
    )


def close_due(*, by: Actor, at: datetime) -> list[PurchaseOrder]:
    """Close every open cycle whose cut-off has passed, each in a transaction of its own."""
    _operators_only(by)
    with acting_as(system("orders")):
        due = list(OrderCycle.objects.filter(status="OPEN", cutoff_at__lte=at).order_by("cutoff_at", "pk"))
    return [order for cycle in due for order in close(cycle, by=by, at=at)]
