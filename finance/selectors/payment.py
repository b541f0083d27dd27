"""Payments as a party may see them."""

from __future__ import annotations

from django.db.models import QuerySet

from b2b.core.actor import Actor
from finance.models import Payment


def visible(actor: Actor) -> QuerySet[Payment]:
    """Return the payments `actor` may see, with what they settled."""
    return Payment.objects.visible_to(actor).select_related("dealer").prefetch_related("allocations__invoice")
