"""Approval rules, who may decide what, and what waits for whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import OPERATOR, Actor
from b2b.db.bulk import fetch
from orders.models import ApprovalRule, ApprovalStep, ApprovalSubstitute
from orders.policies.approval import Asked, Authority, Part, may_decide


def rules(actor: Actor) -> QuerySet[ApprovalRule]:
    """Return the rules of the actor's organisation, or all for the operator."""
    return ApprovalRule.objects.visible_to(actor).select_related("organization", "site", "approver")


def substitutes(actor: Actor) -> QuerySet[ApprovalSubstitute]:
    """Return who decides for whom in the actor's organisation, or everywhere for the operator."""
    return ApprovalSubstitute.objects.visible_to(actor).select_related(
        "organization", "approver", "substitute"
    )


def visible(actor: Actor) -> QuerySet[ApprovalStep]:
    """Return the approvals of the actor's organisation, or all for the operator."""
    return ApprovalStep.objects.visible_to(actor).select_related(
        "order__dealer", "order__ship_to_site", "purchase_order__factory", "rule", "approver", "organization"
    )


def rules_of(organization_id: int) -> list[ApprovalRule]:
    """Return the active rules of an organisation for a service that acts for it."""
    return list(ApprovalRule.objects.filter(organization_id=organization_id, is_active=True))


def rules_of_operators() -> list[ApprovalRule]:
    """Return the active rules of the platform's own organisations."""
    return list(ApprovalRule.objects.filter(organization__kind=OPERATOR, is_active=True))


def parts_of_order(order_id: UUID) -> list[Part]:
    """Return what the lines of an order come to, by category and site."""
    return _parts(
        """
        SELECT product.category, line.ship_to_site_id, sum(line.net_amount)
        FROM orders_orderline line JOIN catalog_product product ON product.id = line.product_id
        WHERE line.order_id = %s AND line.quantity > line.cancelled GROUP BY 1, 2
        """,
        [order_id],
    )


def parts_of_purchases(purchase_order_ids: Iterable[UUID]) -> dict[UUID, list[Part]]:
    """Return what the lines of purchase orders come to, by category; all of one are for one warehouse."""
    found: dict[UUID, list[Part]] = {}
    for order_id, category, site_id, amount in fetch(
        """
        SELECT parent.id, product.category, parent.warehouse_site_id, sum(line.net_amount)
        FROM orders_purchaseorder parent
        JOIN orders_purchaseorderline line ON line.purchase_order_id = parent.id
        JOIN catalog_product product ON product.id = line.product_id
        WHERE parent.id = ANY(%s) GROUP BY 1, 2
        """,
        [list(purchase_order_ids)],
    ):
        found.setdefault(order_id, []).append(Part(category, site_id, amount))
    return found


def _parts(statement: str, params: list[Any]) -> list[Part]:
    return [Part(category, site_id, amount) for category, site_id, amount in fetch(statement, params)]


def authorities(actor: Actor, *, day: date) -> list[Authority]:
    """Return the rights to decide that a person holds on a day: its own and those of whom it substitutes."""
    if actor.user_id is None:
        return []
    lent = fetch(
        """
        SELECT away.approver_id, array_agg(member.role) FROM orders_approvalsubstitute away
        JOIN directory_membership member
            ON member.user_id = away.approver_id AND member.organization_id = away.organization_id
        WHERE away.organization_id = %s AND away.substitute_id = %s AND %s BETWEEN away.from_date AND away.to_date
        GROUP BY away.approver_id
        """,
        [actor.organization_id, actor.user_id, day],
    )
    return [
        Authority(actor.user_id, actor.roles),
        *(Authority(approver_id, frozenset(roles)) for approver_id, roles in lent),
    ]


def decidable(actor: Actor, steps: Iterable[ApprovalStep], *, day: date) -> list[ApprovalStep]:
    """Return those of the steps that the actor may decide as a person of their organisation."""
    if actor.user_id is None:
        return []
    held = authorities(actor, day=day)
    return [
        step
        for step in steps
        if step.organization_id == actor.organization_id and may_decide(asked(step), actor.user_id, held)
    ]


def asked(step: ApprovalStep) -> Asked:
    """Return a step as the policy reads it."""
    return Asked(
        role=step.role,
        approver_id=step.approver_id,
        requester_id=step.requester_id,
        allow_requester=step.allow_requester,
    )
