"""Savings statements: a dealer's own, all for the operator."""

from __future__ import annotations

from django.db.models import QuerySet

from b2b.core.actor import Actor
from orders.models import SavingsStatement


def visible(actor: Actor) -> QuerySet[SavingsStatement]:
    """Return statements with dealer, cycle and their lines."""
    return (
        SavingsStatement.objects.visible_to(actor)
        .select_related("dealer", "cycle")
        .prefetch_related("lines__product")
    )
