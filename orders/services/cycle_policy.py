"""Change what a cycle declares, before its cut-off; from then on the policy is sealed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError
from b2b.db.bulk import fetch_value
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from orders.models import OrderCycle
from orders.models.cycle import default_policy
from orders.policies.cycle_policy import declared, differences
from orders.services.cycle_plan import BadTimes, before_cutoff, operators_only

UNCHANGED: Final[Any] = object()


class AlreadyTold(DomainError):
    """What is told of a cycle's pools stays as it was declared, once it was told: two rulers would measure finer."""

    code = "progress_already_told"


class FillsPacks(DomainError):
    """The phase that fills packs has begun, and its beginning is not moved any more."""

    code = "cycle_fills_packs"


@unit_of_work()
def declare(
    cycle: OrderCycle,
    *,
    policy: Mapping[str, Any] | None = None,
    window_days: int | None = UNCHANGED,
    boxfill_at: datetime | None = UNCHANGED,
    following: bool = False,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> OrderCycle:
    """Change rules of a cycle: of `policy` what it names, the window of days, when packs begin to be filled.

    With `following` the cycle that is planned after it is changed alike; those planned later follow it anyway. The
    history keeps each rule as it was, as it is, and why. What changes nothing leaves nothing.

    :raises Forbidden: unless the operator asks. :raises CutoffPassed: after the cut-off, by the database's clock.
    :raises InvalidPolicy: naming each field that is wrong. :raises AlreadyTold, FillsPacks, BadTimes: saying why.
    """
    operators_only(by)
    with acting_as(system("orders")):
        locked = before_cutoff(cycle)
        changed = _changed(locked, policy or {}, window_days, boxfill_at)
        _advance(locked, changed, reason, by=by, at=at)
        after = OrderCycle.objects.filter(follows=locked, status="DRAFT").first() if following else None
        if after is not None:
            next_one = lock_one(OrderCycle.objects.filter(pk=after.pk))
            _advance(next_one, _changed(next_one, policy or {}, window_days, UNCHANGED), reason, by=by, at=at)
    return locked


def _changed(
    cycle: OrderCycle, policy: Mapping[str, Any], window_days: int | None, boxfill_at: datetime | None
) -> dict[str, Any]:
    """Return the fields that change. Nothing is finer told than it was declared when it was first told."""
    whole = declared(policy, {**default_policy(), **cycle.policy})
    if cycle.progress_at and whole["progress"] != cycle.policy.get("progress"):
        raise AlreadyTold
    found: dict[str, Any] = {}
    if whole != cycle.policy:
        found["policy"] = whole
    if window_days is not UNCHANGED and window_days != cycle.window_days:
        found["window_days"] = window_days
    if boxfill_at is not UNCHANGED and boxfill_at != cycle.boxfill_at:
        now = fetch_value("SELECT midstream_now()")
        if cycle.status == "BOXFILL" or (cycle.boxfill_at and cycle.boxfill_at <= now):
            raise FillsPacks
        if boxfill_at and not cycle.opens_at <= boxfill_at <= cycle.cutoff_at:
            raise BadTimes(f"{cycle.number} opens, fills packs and is cut off in this order")
        found["boxfill_at"] = boxfill_at
    return found


def _advance(cycle: OrderCycle, changed: dict[str, Any], reason: str, *, by: Actor, at: datetime) -> None:
    if not changed:
        return
    words = differences(cycle.policy, changed.get("policy", cycle.policy))
    words += [
        f"{name}: {getattr(cycle, name)} -> {changed[name]}"
        for name in ("window_days", "boxfill_at")
        if name in changed
    ]
    said = "; ".join([*([reason] if reason else []), *words])
    cycle.advance("declare", by=by, at=at, reason=said, **changed)
