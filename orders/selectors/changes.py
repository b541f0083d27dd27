"""Changes, requests and substitutes, each party its own."""

from __future__ import annotations

from django.db.models import QuerySet

from b2b.core.actor import Actor
from orders.models import OrderChange, PurchaseOrderChange, Substitution


def of_orders(actor: Actor) -> QuerySet[OrderChange]:
    """Return the changes of a dealer's own orders with their lines and what was asked of factories."""
    return OrderChange.objects.visible_to(actor).prefetch_related(
        "lines__order_line__product", "requests__order_line"
    )


def of_purchase_orders(actor: Actor) -> QuerySet[PurchaseOrderChange]:
    """Return what a factory was asked not to make."""
    return PurchaseOrderChange.objects.visible_to(actor).prefetch_related(
        "lines__purchase_order_line__product"
    )


def substitutions(actor: Actor) -> QuerySet[Substitution]:
    """Return the substitutes a dealer was offered."""
    return Substitution.objects.visible_to(actor).select_related(
        "order_line__order", "order_line__product", "product"
    )
