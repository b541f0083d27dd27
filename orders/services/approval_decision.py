"""Decide what waits for approval: approve, with changes if need be, or decline with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from b2b.contracts.agreements import ApprovalDecided
from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid
from b2b.db.bulk import fetch_value
from b2b.db.locks import lock_one
from b2b.db.models import advance_all
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from orders.models import ApprovalStep, Order
from orders.selectors import approval as selectors
from orders.services import approval, approval_change
from orders.services import order as orders
from orders.services.approval import Approved, Requester


class NotYours(Forbidden):
    """You are not among those who may decide this now."""

    code = "not_your_approval"


class ReasonMissing(Invalid):
    """Say why it is declined: who asked for the goods has to know."""

    code = "reason_missing"


@unit_of_work()
def approve(
    order: Order, *, quantities: Mapping[int, int] | None = None, reason: str = "", by: Actor, at: datetime
) -> Order:
    """Approve what `by` may decide of the tier that is asked now; the last approval confirms the order.

    `quantities` are new base units by line number, 0 drops the line; the order is judged and priced anew, and the rules
    are asked anew what it needs. Credit is held at the confirmation, not before.

    :raises NotYours: for whoever asked for the goods, and all who are not named, lent or of the role.
    :raises InvalidRows, InvalidChange: when the changed order cannot be had.
    :raises CreditRefused: when the last approval would exceed the limit; nothing is approved then.
    :raises IllegalTransition: when the order does not wait for approval.
    """
    locked = lock_one(Order.objects.filter(pk=order.pk))
    Order.machine.next(locked.status, "confirm")
    deciding = to_decide(locked, by=by)
    changes: dict[str, list[int]] = {}
    if quantities:
        changes = approval_change.change(locked, quantities, by=by, at=at)
        _ask_anew(locked, deciding, by=by, at=at)
    close_steps(deciding, "approve", reason=reason, changes=changes, by=by, at=at)
    is_final = not approval.pending_of(locked)
    if is_final:
        locked = orders.confirm(locked, by=by, at=at)
    else:
        approval.open_next_tier(locked, at=at)
    publish(decided(locked, deciding, "APPROVED", reason, is_final=is_final, at=at))
    return locked


@unit_of_work()
def decline(order: Order, *, reason: str, by: Actor, at: datetime) -> Order:
    """Refuse an order that waits; no later tier is asked.

    :raises NotYours: as `approve` does. :raises ReasonMissing: without a reason.
    :raises IllegalTransition: when the order does not wait for approval.
    """
    if not reason.strip():
        raise ReasonMissing
    locked = lock_one(Order.objects.filter(pk=order.pk))
    Order.machine.next(locked.status, "decline")
    deciding = to_decide(locked, by=by)
    close_steps(deciding, "decline", reason=reason, by=by, at=at)
    declined = orders.decline(locked, reason=reason, by=by, at=at)
    publish(decided(declined, deciding, "DECLINED", reason, is_final=True, at=at))
    return declined


def to_decide(document: Approved, *, by: Actor) -> list[ApprovalStep]:
    """Return the steps of the tier that is asked now which `by` may decide; the caller holds the document.

    :raises NotYours: when there is none.
    """
    pending = approval.pending_of(document)
    asked = [step for step in pending if step.tier == pending[0].tier]
    found = selectors.decidable(
        by, asked, day=fetch_value("SELECT (midstream_now() AT TIME ZONE 'UTC')::date")
    )
    if not found:
        raise NotYours
    return found


def close_steps(
    steps: Sequence[ApprovalStep],
    verb: str,
    *,
    reason: str,
    changes: Mapping[str, list[int]] | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Write down who decided, when, why and what was changed."""
    advance_all(
        steps,
        verb,
        by=by,
        at=at,
        reason=reason,
        decided_at=at,
        decided_by_id=by.user_id,
        decided_by_name=str(by)[:150],
        changes=dict(changes or {}),
    )


def decided(
    document: Approved,
    steps: Sequence[ApprovalStep],
    status: str,
    reason: str,
    *,
    is_final: bool,
    at: datetime,
) -> ApprovalDecided:
    """Return what is told of a decision."""
    return ApprovalDecided(
        occurred_at=at,
        document_id=document.pk,
        document_number=document.number,
        organization_id=steps[0].organization_id,
        tier=steps[0].tier,
        status=status,
        reason=reason,
        is_final=is_final,
    )


def _ask_anew(order: Order, deciding: Sequence[ApprovalStep], *, by: Actor, at: datetime) -> None:
    """Drop the steps that a changed order needs no more, and add those it needs now; what is decided stays so."""
    needed = {one.rule.pk: one for one in approval.needed_for_order(order)}
    steps = list(order.approvals.all())
    kept = {step.pk for step in deciding}
    obsolete = [
        step
        for step in steps
        if step.status == "PENDING" and step.rule_id not in needed and step.pk not in kept
    ]
    advance_all(obsolete, "drop", by=by, at=at, reason="the changed order does not need it")
    known = {step.rule_id for step in steps}
    first = steps[0]
    new = [one for rule_id, one in needed.items() if rule_id not in known]
    if new:
        approval.add_steps(
            order,
            new,
            requester=Requester(first.requester_id, first.requester_name),
            by=by,
            at=at,
            begun=len(steps),
        )
