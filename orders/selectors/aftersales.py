"""Returns, claims and costs, as far as an actor is a party to them."""

from __future__ import annotations

from django.db.models import QuerySet

from b2b.core.actor import Actor
from orders.models import Claim, ClaimShare, CostShare, CostVoucher, ReturnAuthorisation


def returns(actor: Actor) -> QuerySet[ReturnAuthorisation]:
    """Return a dealer's own returns, or all for the operator, with their lines."""
    return (
        ReturnAuthorisation.objects.visible_to(actor)
        .select_related("dealer", "order", "return_to_site")
        .prefetch_related("lines__order_line__product")
    )


def claims(actor: Actor) -> QuerySet[Claim]:
    """Return claims with their lines: a factory's own, all for the operator; they name no dealer."""
    return (
        Claim.objects.visible_to(actor)
        .select_related("factory", "purchase_order")
        .prefetch_related("lines__purchase_order_line__product")
    )


def claim_shares(actor: Actor) -> QuerySet[ClaimShare]:
    """Return a dealer's own parts of claims, or all for the operator."""
    return ClaimShare.objects.visible_to(actor).select_related("dealer", "return_line__authorisation")


def cost_vouchers(actor: Actor) -> QuerySet[CostVoucher]:
    """Return vouchers; only the operator sees any."""
    return CostVoucher.objects.visible_to(actor).select_related("purchase_order", "cycle")


def cost_shares(actor: Actor) -> QuerySet[CostShare]:
    """Return a dealer's own shares of costs, or all for the operator."""
    return CostShare.objects.visible_to(actor).select_related("dealer", "product", "order_line__order")
