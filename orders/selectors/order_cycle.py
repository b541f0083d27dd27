"""Order cycles, as far as an actor may know them."""

from __future__ import annotations

from django.db.models import QuerySet

from b2b.core.actor import DEALER, Actor
from orders.models import OrderCycle


def visible(actor: Actor) -> QuerySet[OrderCycle]:
    """Return the cycles an actor may know: a factory its own, the operator all, dealers those they may join."""
    cycles = OrderCycle.objects.select_related("factory", "warehouse_site")
    if actor.kind == DEALER:
        return cycles.exclude(status="DRAFT").exclude(for_stock=True)
    return cycles & OrderCycle.objects.visible_to(actor)
