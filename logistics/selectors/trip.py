"""Trips and vehicles as carriers and operators may see them."""

from __future__ import annotations

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from b2b.db.querysets import ScopedQuerySet
from logistics.models import Driver, Trip, Vehicle


def visible(actor: Actor) -> ScopedQuerySet[Trip]:
    """Return a carrier's own trips, or all for an operator."""
    return Trip.objects.visible_to(actor).select_related("carrier", "vehicle", "driver", "warehouse_site")


def detailed(actor: Actor) -> ScopedQuerySet[Trip]:
    """Return the same with stops and what is dropped at each."""
    return visible(actor).prefetch_related("stops__drops")


def vehicles(actor: Actor) -> ScopedQuerySet[Vehicle]:
    """Return a carrier's own vehicles, or all for an operator."""
    return Vehicle.objects.visible_to(actor).select_related("carrier", "warehouse_site")


def driver(actor: Actor, code: str) -> Driver:
    """Return the active driver of that code.

    :raises NotFound: when the actor has no such driver, or sees several of that code.
    """
    found = list(Driver.objects.visible_to(actor).filter(code=code, is_active=True)[:2])
    if len(found) != 1:
        raise NotFound(f"there is no driver {code}")
    return found[0]
