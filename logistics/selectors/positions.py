"""Where vehicles are, as their carriers and the operator may see it."""

from __future__ import annotations

from b2b.core.actor import Actor
from b2b.db.querysets import ScopedQuerySet
from logistics.models import QuarantinedFix, VehicleMirror


def visible(actor: Actor) -> ScopedQuerySet[VehicleMirror]:
    """Return the newest position of each of a carrier's vehicles, or of all for an operator."""
    return VehicleMirror.objects.visible_to(actor).select_related("vehicle", "carrier")


def quarantined(actor: Actor) -> ScopedQuerySet[QuarantinedFix]:
    """Return the positions a carrier told that nobody believed, or all for an operator."""
    return QuarantinedFix.objects.visible_to(actor)
