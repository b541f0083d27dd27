"""Ask for the approvals that an order, or a purchase order, needs before it is binding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from b2b.contracts.agreements import ApprovalDue, ApprovalRequested
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError
from b2b.db.locks import lock
from b2b.db.models import advance_all, record
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from orders.models import ApprovalRule, ApprovalStep, Order, PurchaseOrder
from orders.policies import approval as policy
from orders.policies.approval import Part, Tier
from orders.policies.row_result import RowResult
from orders.selectors import approval as selectors

Approved = Order | PurchaseOrder


class ApprovalNeeded(DomainError):
    """The change needs an approval that the order has not got."""

    code = "approval_needed"


@dataclass(frozen=True, slots=True)
class Needed:
    """A rule that fits, and the net amount it was measured by."""

    rule: ApprovalRule
    amount: Decimal


def needed_for_rows(dealer_id: int, rows: Iterable[RowResult], *, currency: str) -> list[Needed]:
    """Return the approvals that an order of judged rows would need, lowest tier first; one query."""
    rules = selectors.rules_of(dealer_id)
    if not rules:
        return []
    sums: dict[tuple[str, int | None], Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row.product.category if row.product else "", row.ship_to_site_id] += row.net_amount
    return _needed(rules, [Part(*key, amount) for key, amount in sums.items()], currency)


def needed_for_order(order: Order) -> list[Needed]:
    """Return the approvals that a written order needs, lowest tier first; two queries at most."""
    rules = selectors.rules_of(order.dealer_id)
    return _needed(rules, selectors.parts_of_order(order.pk), order.currency) if rules else []


def needed_for_purchases(orders: Sequence[PurchaseOrder]) -> dict[UUID, list[Needed]]:
    """Return the approvals that the platform wants for purchase orders, lowest tier first; two queries at most.

    An order that needs none is missing.
    """
    rules = selectors.rules_of_operators()
    parts = selectors.parts_of_purchases(order.pk for order in orders) if rules else {}
    needed = {order.pk: _needed(rules, parts.get(order.pk, []), order.currency) for order in orders}
    return {order_id: found for order_id, found in needed.items() if found}


def _needed(rules: Sequence[ApprovalRule], parts: Sequence[Part], currency: str) -> list[Needed]:
    by_id = {rule.pk: rule for rule in rules}
    tiers = [
        Tier(rule.pk, rule.tier, rule.amount_from, rule.currency, rule.category, rule.site_id)
        for rule in rules
    ]
    return [Needed(by_id[one.rule_id], one.amount) for one in policy.due(tiers, parts, currency=currency)]


def with_rules(found: QuerySet[Order]) -> QuerySet[Order]:
    """Tell of orders whether their dealer has rules at all, so that most need no question of their own."""
    rules = ApprovalRule.objects.filter(organization_id=OuterRef("dealer_id"), is_active=True)
    return found.annotate(has_approval_rules=Exists(rules))


def check_raised(order: Order, gains: tuple[Decimal, Decimal]) -> None:
    """Check that a confirmed order which comes to more now needs no approval that it has not got.

    The order comes from `with_rules`; `gains` are what its net total and tax rose by. An approval covers the amount it
    was given for.

    :raises ApprovalNeeded: naming the rule.
    """
    if gains[0] <= 0 or not getattr(order, "has_approval_rules", True):
        return
    needed = needed_for_order(order)
    if not needed:
        return
    given = dict(order.approvals.filter(status="APPROVED").values_list("rule_id", "amount"))
    for one in needed:
        if one.amount > given.get(one.rule.pk, Decimal(-1)):
            raise ApprovalNeeded(
                f"{one.rule.name}: {one.amount} {order.currency} needs approval; order the rest by itself"
            )


def ask(document: Approved, needed: Sequence[Needed], *, by: Actor, at: datetime, begun: int = 0) -> None:
    """Write what a document waits for, one step per rule, and ask the lowest tier. The caller has let it wait.

    `begun` steps were there before. Publishes ApprovalRequested. Three statements, whatever the number of rules.
    """
    requester, first = Requester(by.user_id, str(by)[:150]), needed[0].rule.tier
    steps = add_steps(document, needed, requester=requester, by=by, at=at, begun=begun, open_tier=first)
    publish(_requested(document, [step for step in steps if step.remind_at], at))


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asked for the goods: a user, none for a machine or the platform itself."""

    user_id: int | None
    name: str


def add_steps(
    document: Approved,
    needed: Sequence[Needed],
    *,
    requester: Requester,
    by: Actor,
    at: datetime,
    begun: int = 0,
    open_tier: int | None = None,
) -> list[ApprovalStep]:
    """Write a pending step per needed approval, numbered after the `begun` ones; those of `open_tier` are asked now."""
    key = "purchase_order" if isinstance(document, PurchaseOrder) else "order"
    steps = [
        ApprovalStep(
            **{key: document},
            number=f"{document.number}/A{number}",
            organization_id=one.rule.organization_id,
            rule=one.rule,
            tier=one.rule.tier,
            amount=one.amount,
            currency=document.currency,
            role=one.rule.role,
            approver_id=one.rule.approver_id,
            allow_requester=one.rule.allow_requester,
            requester_id=requester.user_id,
            requester_name=requester.name,
            remind_at=_remind_at(one.rule, at) if one.rule.tier == open_tier else None,
            created_at=at,
            updated_at=at,
        )
        for number, one in enumerate(needed, start=begun + 1)
    ]
    ApprovalStep.objects.bulk_create(steps)
    record(((step, "ask", "", step.status) for step in steps), by=by, at=at)
    return steps


def _remind_at(rule: ApprovalRule, at: datetime) -> datetime:
    return at + timedelta(hours=rule.remind_after_hours)


def open_next_tier(document: Approved, *, at: datetime) -> None:
    """Ask the lowest tier that is still pending, unless it has been asked; publishes ApprovalRequested then."""
    pending = pending_of(document)
    fresh = [step for step in pending if step.tier == pending[0].tier and step.remind_at is None]
    if fresh:
        for step in fresh:
            step.remind_at = _remind_at(step.rule, at)
        ApprovalStep.objects.bulk_update(fresh, ["remind_at"])
        publish(_requested(document, fresh, at))


def pending_of(document: Approved) -> list[ApprovalStep]:
    """Return the steps that nobody has decided yet, lowest tier first; the caller holds the document."""
    found = ApprovalStep.objects.filter(**_of(document), status="PENDING").select_related("rule")
    return list(found.order_by("tier", "pk"))


def _requested(document: Approved, steps: Sequence[ApprovalStep], at: datetime) -> ApprovalRequested:
    return ApprovalRequested(
        occurred_at=at,
        document_id=document.pk,
        document_number=document.number,
        organization_id=steps[0].organization_id,
        tier=steps[0].tier,
        amount=max(step.amount for step in steps),
        currency=document.currency,
        roles=tuple(sorted({step.role for step in steps if step.role})),
        approver_ids=tuple(sorted({step.approver_id for step in steps if step.approver_id})),
    )


def drop(document: Approved, *, by: Actor, at: datetime, reason: str) -> None:
    """Drop what is still pending on a document that waits no longer."""
    advance_all(pending_of(document), "drop", by=by, at=at, reason=reason)


def _of(document: Approved) -> dict[str, Any]:
    return {"purchase_order" if isinstance(document, PurchaseOrder) else "order": document}


@unit_of_work()
def remind(*, at: datetime) -> int:
    """Ask again where nobody has decided in time, and return how often; each step is due again after the same while.

    Publishes ApprovalDue.
    """
    with acting_as(system("orders")):
        late = lock(ApprovalStep.objects.filter(status="PENDING", remind_at__lte=at))
        steps = ApprovalStep.objects.filter(pk__in=[step.pk for step in late]).select_related(
            "rule", "order", "purchase_order"
        )
        told = []
        for step in steps:
            document = step.order or step.purchase_order
            assert document is not None
            told.append(
                ApprovalDue(
                    occurred_at=at,
                    step_id=step.pk,
                    document_id=document.pk,
                    document_number=document.number,
                    organization_id=step.organization_id,
                    tier=step.tier,
                    waiting_since=step.created_at,
                )
            )
            step.reminded_at = at
            step.remind_at = at + timedelta(hours=step.rule.remind_after_hours)
        ApprovalStep.objects.bulk_update(steps, ["reminded_at", "remind_at"])
        publish(*told)
    return len(told)
