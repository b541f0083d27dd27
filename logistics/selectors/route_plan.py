"""Route plans as the operator sees them."""

from __future__ import annotations

from b2b.core.actor import Actor
from b2b.db.querysets import ScopedQuerySet
from logistics.models import RoutePlan


def visible(actor: Actor) -> ScopedQuerySet[RoutePlan]:
    """Return all route plans without their snapshots, none to anybody but the operator and the platform."""
    return RoutePlan.objects.visible_to(actor).select_related("warehouse_site").defer("snapshot")
