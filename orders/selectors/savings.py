"""Savings statements: a dealer's own, all for the operator."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from b2b.core.actor import Actor
from orders.models import SavingsStatement
from orders.selectors import charges


def visible(actor: Actor) -> QuerySet[SavingsStatement]:
    """Return statements with dealer, cycle and their lines, and what of freight, duty and fees falls on them."""
    return (
        charges.on_statements(SavingsStatement.objects.visible_to(actor))
        .select_related("dealer", "cycle", "restates", "restated_by")
        .prefetch_related(Prefetch("lines", charges.on_lines()))
    )
