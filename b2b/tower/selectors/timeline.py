"""The story of an order."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.tower.models import TimelineEntry


def of_order(actor: Actor, order_id: UUID) -> QuerySet[TimelineEntry]:
    """Return the steps of an order, oldest first, as far as the actor may see the order."""
    return TimelineEntry.objects.visible_to(actor).filter(order_id=order_id).order_by("at", "pk")


def nothing() -> QuerySet[TimelineEntry]:
    """Return no steps, with their shape."""
    return TimelineEntry.objects.none()
