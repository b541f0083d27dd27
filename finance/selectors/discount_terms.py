"""What dealers may keep when they pay early: what counts now, and who agreed on what before."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from b2b.core.actor import Actor
from finance.models import DiscountTerms


def in_force(dealers: Collection[int] | None = None) -> QuerySet[DiscountTerms]:
    """Return the terms that count now, of some dealers or of all."""
    rows = (
        DiscountTerms.objects.all()
        if dealers is None
        else DiscountTerms.objects.filter(dealer_id__in=dealers)
    )
    last = rows.order_by("dealer_id", "-pk").distinct("dealer_id").values("pk")
    return DiscountTerms.objects.filter(pk__in=last, rate__gt=0)


def visible(actor: Actor) -> QuerySet[DiscountTerms]:
    """Return the terms that count now; the operator's alone."""
    return in_force().visible_to(actor).select_related("dealer").order_by("pk")
