"""Plan and open order cycles, move their cut-off back, call them off: before the cut-off, and with a history."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.conf import settings

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError, Forbidden, Invalid
from b2b.db.bulk import execute, fetch_value
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.sequences import number, take
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization, Site
from orders.models import OrderCycle
from orders.models.cycle import default_policy
from orders.policies import recurrence as recurrences
from orders.policies.cycle_policy import declared
from orders.selectors import standing_rules
from orders.states import BEFORE_CUTOFF

# What the standing rules of the category say, or those of everyone.
STANDING: Final[Any] = object()


class CutoffPassed(DomainError):
    """The cut-off of the cycle has passed; nothing about it can be changed."""

    code = "cycle_cutoff_passed"


class BadTimes(Invalid):
    """A cycle opens, may fill packs, and is cut off, in this order; its cut-off is moved back only."""

    code = "bad_cycle_times"


def operators_only(by: Actor) -> None:
    """Check that the operator or the platform asks.

    :raises Forbidden: when it is anybody else.
    """
    if not by.sees_all:
        raise Forbidden("only the operator runs order cycles")


@unit_of_work()
def plan(
    factory: Organization | None = None,
    *,
    category: str = "",
    warehouse: Site,
    opens_at: datetime,
    cutoff_at: datetime,
    boxfill_at: datetime | None = None,
    region: str = "",
    currency: str = "",
    recurrence: dict[str, Any] | None = None,
    follows: OrderCycle | None = None,
    window_days: int | None = STANDING,
    policy: dict[str, Any] | None = None,
    for_stock: bool = False,
    by: Actor,
    at: datetime,
) -> OrderCycle:
    """Plan a cycle in which orders for a factory, or for a category of all factories, are pooled until `cutoff_at`.

    It opens by itself at `opens_at`. From `boxfill_at` it takes only what fills packs. `recurrence` is what
    `policies.recurrence.parse` reads. Needs whose dates lie within the same `window_days` are bought together, None
    for all dates. What `policy` does not name, and whatever is STANDING, is as the standing rules have it.

    :raises Forbidden: unless the operator asks. :raises InvalidPolicy: naming each rule that is none.
    :raises BadTimes, BadRecurrence: saying what is wrong. :raises ValueError: when neither or both of factory and
    category are given.
    """
    operators_only(by)
    if (factory is None) == (category == ""):
        raise ValueError("a cycle is of a factory or of a category")
    if not opens_at <= (boxfill_at or opens_at) <= cutoff_at or opens_at == cutoff_at:
        raise BadTimes
    standing = standing_rules.in_force(category)
    recurrence = standing.recurrence if recurrence is STANDING else recurrence
    issuer = factory or warehouse.organization
    rule = recurrence and recurrences.parse(recurrence, first=cutoff_at, zone=settings.TIME_ZONE).to_json()
    with acting_as(system("orders")):
        cycle = OrderCycle(
            number=number("OC", issuer.code, take("order_cycle", issuer.pk).start),
            factory=factory,
            category=category,
            warehouse_site=warehouse,
            region=region,
            currency=currency or issuer.currency,
            opens_at=opens_at,
            boxfill_at=boxfill_at,
            cutoff_at=cutoff_at,
            recurrence=rule,
            follows=follows,
            window_days=standing.window_days if window_days is STANDING else window_days,
            policy=declared(policy or {}, {**default_policy(), **standing.policy}),
            for_stock=for_stock,
            created_at=at,
            updated_at=at,
        )
        cycle.save(force_insert=True)
        record([(cycle, "schedule", "", cycle.status)], by=by, at=at)
    return cycle


@unit_of_work()
def open(  # noqa: A001 - the trade's verb; called as order_cycle.open(...)
    factory: Organization | None = None, *, by: Actor, at: datetime, **terms: Any
) -> OrderCycle:
    """Plan a cycle and open it at once, so that dealers see it; orders join it from `opens_at` on. See `plan`."""
    cycle = plan(factory, by=by, at=at, **terms)
    with acting_as(system("orders")):
        cycle.advance("open", by=by, at=at)
    return cycle


def before_cutoff(cycle: OrderCycle) -> OrderCycle:
    """Lock a cycle that has not been cut off, by the database's clock once it is held.

    :raises CutoffPassed: when it was.
    """
    locked = lock_one(OrderCycle.objects.filter(pk=cycle.pk))
    if locked.status not in BEFORE_CUTOFF or locked.cutoff_at <= fetch_value("SELECT midstream_now()"):
        raise CutoffPassed(f"{locked.number} was cut off at {locked.cutoff_at:%Y-%m-%d %H:%M %Z}")
    return locked


@unit_of_work()
def extend(cycle: OrderCycle, *, cutoff_at: datetime, reason: str, by: Actor, at: datetime) -> OrderCycle:
    """Move the cut-off of a cycle back; who opens after it opens as much later. The history keeps why.

    :raises Forbidden: unless the operator asks. :raises CutoffPassed: after the cut-off, by the database's clock.
    :raises BadTimes: when the new cut-off is not later, or not before the one of the cycle that follows.
    """
    operators_only(by)
    with acting_as(system("orders")):
        locked = before_cutoff(cycle)
        following = OrderCycle.objects.filter(follows=locked).first()
        if cutoff_at <= locked.cutoff_at or (following and cutoff_at >= following.cutoff_at):
            raise BadTimes(f"{locked.number} closes at {locked.cutoff_at.isoformat()}; name a later moment")
        said = f"{locked.cutoff_at.isoformat()} -> {cutoff_at.isoformat()}"
        locked.advance(
            "extend", by=by, at=at, reason=f"{said}: {reason}" if reason else said, cutoff_at=cutoff_at
        )
        if following is not None and following.status == "DRAFT":
            _open_later(lock_one(OrderCycle.objects.filter(pk=following.pk)), cutoff_at, by=by, at=at)
    return locked


def _open_later(following: OrderCycle, opens_at: datetime, *, by: Actor, at: datetime) -> None:
    boxfill_at = following.boxfill_at and max(following.boxfill_at, opens_at)
    following.advance("extend", by=by, at=at, opens_at=opens_at, boxfill_at=boxfill_at)


@unit_of_work()
def cancel(cycle: OrderCycle, *, reason: str, by: Actor, at: datetime) -> OrderCycle:
    """Call a cycle off before its cut-off: its orders wait for the next one; a repeating cycle goes on repeating.

    :raises Forbidden: unless the operator asks. :raises CutoffPassed: after the cut-off, by the database's clock.
    """
    operators_only(by)
    with acting_as(system("orders")):
        locked = before_cutoff(cycle)
        execute("UPDATE orders_orderline SET cycle_id = NULL WHERE cycle_id = %s", [locked.pk])
        locked.advance("cancel", by=by, at=at, reason=reason)
    return locked


@unit_of_work()
def stop(cycle: OrderCycle, *, by: Actor, at: datetime) -> None:
    """Let no cycle follow this one; one that follows already stays.

    :raises Forbidden: unless the operator asks.
    """
    operators_only(by)
    with acting_as(system("orders")):
        locked = lock_one(OrderCycle.objects.filter(pk=cycle.pk))
        OrderCycle.objects.filter(pk=locked.pk).update(
            recurrence=None, version=locked.version + 1, updated_at=at
        )
