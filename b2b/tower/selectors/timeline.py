"""The story of an order."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from b2b.core.actor import Actor
from b2b.tower.models import TimelineEntry

ALLOCATED = "allocated"


def of_order(actor: Actor, order_id: UUID) -> QuerySet[TimelineEntry]:
    """Return the steps of an order, oldest first, as far as the actor may see the order.

    A promise is told with every answer of its factory; one that says what the version before said is left out, in
    whatever order they were heard.
    """
    before = TimelineEntry.objects.filter(
        order_id=OuterRef("order_id"),
        step=ALLOCATED,
        document_id=OuterRef("document_id"),
        key__lt=OuterRef("key"),
    ).order_by("-key")
    return (
        TimelineEntry.objects.visible_to(actor)
        .filter(order_id=order_id)
        .annotate(
            text_before=Subquery(before.values("text")[:1]),
            quantity_before=Subquery(before.values("quantity")[:1]),
        )
        .filter(
            ~Q(step=ALLOCATED)
            | Q(text_before__isnull=True)
            | ~Q(text_before=F("text"))
            | ~Q(quantity_before=F("quantity"))
        )
        .order_by("at", "pk")
    )


def nothing() -> QuerySet[TimelineEntry]:
    """Return no steps, with their shape."""
    return TimelineEntry.objects.none()
