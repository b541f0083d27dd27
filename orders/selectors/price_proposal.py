"""Price proposals, as far as an actor may know of them."""

from __future__ import annotations

from django.db.models import QuerySet

from b2b.core.actor import Actor
from orders.models import PriceProposal


def visible(actor: Actor) -> QuerySet[PriceProposal]:
    """Return the proposals an actor may know: a factory its own, the operator all."""
    found: QuerySet[PriceProposal] = PriceProposal.objects.visible_to(actor).select_related("seller")
    return found
