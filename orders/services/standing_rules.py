"""Declare once what new cycles of a category, or all new cycles, take over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from b2b.core.actor import OPERATOR, Actor, acting_as, system
from b2b.core.errors import DomainError, Forbidden, Invalid, Problem
from b2b.db.locks import advisory_lock, lock_one
from b2b.db.transactions import unit_of_work
from orders.models import StandingRules
from orders.models.cycle import default_policy
from orders.policies import recurrence as recurrences
from orders.policies.cycle_policy import declared
from orders.selectors import standing_rules as selectors
from orders.services import terms_history
from orders.services.cycle_policy import UNCHANGED
from orders.services.terms_history import Change

SUBJECT: Final = "CYCLES"


class InvalidStandingRules(Invalid):
    """No cycle could take these rules over."""

    code = "invalid_standing_rules"


class AlreadyWithdrawn(DomainError):
    """These rules do not stand any more."""

    code = "standing_rules_withdrawn"


@unit_of_work()
def put(
    category: str = "",
    *,
    policy: Mapping[str, Any] | None = None,
    window_days: int | None = UNCHANGED,
    recurrence: Mapping[str, Any] | None = UNCHANGED,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> StandingRules:
    """Declare rules of a category, of everyone where it is empty: of `policy` what it names, the rest stays.

    What a category declares for the first time begins with everyone's. Cycles that are planned already keep theirs, and
    a repeating one hands its own on. The history keeps who, when and why; what changes nothing leaves nothing.

    :raises Forbidden: unless an operator asks. :raises InvalidPolicy: naming each field that is wrong.
    :raises InvalidStandingRules, BadRecurrence: saying what is wrong.
    """
    seller_id = _operator(by)
    with acting_as(system("orders")):
        _check(category, window_days, by)
        if recurrence is not UNCHANGED and recurrence is not None:
            recurrences.parse(recurrence, first=at, zone=settings.TIME_ZONE)
        advisory_lock(f"orders.standing_rules.{category}")
        found = StandingRules.objects.filter(category=category).first()
        base = found if found and found.is_active else selectors.in_force("")
        before = _told(base) if base is found else None
        rules = StandingRules(
            pk=found.pk if found else None,
            category=category,
            policy=declared(policy or {}, {**default_policy(), **base.policy}),
            window_days=base.window_days if window_days is UNCHANGED else window_days,
            recurrence=base.recurrence if recurrence is UNCHANGED else recurrence,
        )
        after = _told(rules)
        if before != after:
            rules.save()
            verb = "change" if before else "create"
            change = Change(SUBJECT, rules.pk, seller_id, verb, before, after)
            terms_history.record([change], by=by, at=at, reason=reason)
    return rules


@unit_of_work()
def withdraw(rules: StandingRules, *, reason: str = "", by: Actor, at: datetime) -> StandingRules:
    """Let rules stand no longer: new cycles take over everyone's, or what the platform declares by default.

    :raises Forbidden: unless an operator asks. :raises AlreadyWithdrawn: when they do not stand.
    """
    seller_id = _operator(by)
    with acting_as(system("orders")):
        locked = lock_one(StandingRules.objects.filter(pk=rules.pk))
        if not locked.is_active:
            raise AlreadyWithdrawn
        locked.is_active = False
        locked.save(update_fields=["is_active"])
        change = Change(SUBJECT, locked.pk, seller_id, "withdraw", _told(locked), None)
        terms_history.record([change], by=by, at=at, reason=reason)
    return locked


def _operator(by: Actor) -> int:
    """Return the organisation whose rules they are."""
    if by.kind != OPERATOR or by.organization_id is None:
        raise Forbidden("only the operator declares standing rules")
    return by.organization_id


def _check(category: str, window_days: int | None, by: Actor) -> None:
    problems = []
    if category and category not in selectors.categories(by):
        problems.append(
            Problem(
                "unknown_category",
                f"no product on sale is of the category {category}",
                field="category",
                remedy="Name a category of the catalogue, or none for everyone.",
            )
        )
    if window_days is not UNCHANGED and window_days is not None and not 1 <= window_days <= 366:
        problems.append(
            Problem(
                "invalid_days",
                f"{window_days} are no days",
                field="window_days",
                remedy="Enter 1 to 366, or nothing for all dates.",
            )
        )
    if problems:
        raise InvalidStandingRules(problems[0].message, problems=problems)


def _told(rules: StandingRules) -> dict[str, Any]:
    """Return rules as the history keeps them."""
    return {**rules.policy, "window_days": rules.window_days, "recurrence": rules.recurrence}
