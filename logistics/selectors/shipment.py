"""Shipments as their parties may see them."""

from __future__ import annotations

from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from b2b.db.querysets import ScopedQuerySet
from logistics.models import Shipment, TrackingEvent


def visible(actor: Actor) -> ScopedQuerySet[Shipment]:
    """Return a dealer's own shipments, those a carrier has to carry, or all for an operator."""
    return Shipment.objects.visible_to(actor).select_related("dealer", "carrier", "warehouse_site")


def detailed(actor: Actor) -> ScopedQuerySet[Shipment]:
    """Return the same with packages and lines."""
    return visible(actor).prefetch_related("packages", "lines__product")


def require(actor: Actor, shipment_id: UUID) -> None:
    """Check that a shipment is the actor's to see.

    :raises NotFound: when it is not.
    """
    if not Shipment.objects.visible_to(actor).filter(pk=shipment_id).exists():
        raise NotFound("there is no such shipment")


def tracking(actor: Actor, shipment_id: UUID) -> ScopedQuerySet[TrackingEvent]:
    """Return what was seen of a shipment; a carrier reads what was seen while the shipment was its own."""
    return TrackingEvent.objects.visible_to(actor).filter(shipment_id=shipment_id)
