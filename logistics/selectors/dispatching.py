"""What a dispatcher plans with: shipments that wait, vehicles that are free, prices that hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import cast
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Site
from logistics import ports, states
from logistics.models import Shipment, ShipmentPackage, Tariff, Trip, Vehicle

UNDER_WAY = (states.PLANNED, states.DEPARTED)


def waiting(actor: Actor, warehouse_site_id: int) -> ScopedQuerySet[Shipment]:
    """Return the shipments at a warehouse that no plan holds, the most urgent first."""
    ready = Shipment.objects.visible_to(actor).filter(
        warehouse_site_id=warehouse_site_id, status=states.READY
    )
    return ready.order_by("need_by_date", "pk")


def all_waiting(actor: Actor) -> ScopedQuerySet[Shipment]:
    """Return the shipments that neither a plan nor a tender holds, at whichever warehouse."""
    return Shipment.objects.visible_to(actor).filter(status=states.READY)


def blocked(shipments: Collection[Shipment]) -> dict[UUID, str]:
    """Return shipment -> why it must not leave, of those the warehouse stopped; the actor sees them all."""
    aboard = dict(
        ShipmentPackage.objects.filter(shipment__in=[one.pk for one in shipments]).values_list(
            "package_id", "shipment_id"
        )
    )
    stopped = ports.staging().blocked(aboard) if aboard else {}
    return {aboard[key]: why for key, why in stopped.items()}


def fleet(actor: Actor, warehouse_site_id: int) -> ScopedQuerySet[Vehicle]:
    """Return the vehicles that may start from a warehouse, each with `busy_until` of its trips under way (or null)."""
    mine = Vehicle.objects.visible_to(actor).filter(
        Q(warehouse_site_id=warehouse_site_id) | Q(warehouse_site_id=None),
        is_active=True,
        carrier__is_active=True,
    )
    trips = Trip.objects.filter(vehicle_id=OuterRef("pk"), status__in=UNDER_WAY).values("vehicle_id")
    last = trips.annotate(last=Max("returns_at")).values("last")
    return cast("ScopedQuerySet[Vehicle]", mine.annotate(busy_until=last).order_by("pk"))


def engagements(vehicle_ids: Iterable[int]) -> dict[int, list[tuple[datetime, datetime]]]:
    """Return when vehicles are on trips, planned or under way, as (departs, returns) pairs."""
    taken: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    trips = Trip.objects.filter(vehicle_id__in=set(vehicle_ids), status__in=UNDER_WAY)
    for vehicle_id, departs_at, returns_at in trips.values_list("vehicle_id", "departs_at", "returns_at"):
        taken[vehicle_id].append((departs_at, returns_at))
    return taken


def tariffs(carrier_ids: Iterable[int], *, zone: str, day: date) -> dict[int, Tariff]:
    """Return each carrier's tariff of the day, the one for the zone before the one for everywhere."""
    valid = Tariff.objects.filter(
        carrier_id__in=set(carrier_ids), valid_from_date__lte=day, zone__in={zone, ""}
    )
    # The last one wins: everywhere before the zone, older before newer.
    return {tariff.carrier_id: tariff for tariff in valid.order_by("carrier_id", "zone", "valid_from_date")}


def warehouses_with_waiting(actor: Actor) -> list[Site]:
    """Return the warehouses at which shipments wait for a plan."""
    shipments = Shipment.objects.visible_to(actor).filter(
        warehouse_site_id=OuterRef("pk"), status=states.READY
    )
    return list(Site.objects.filter(Exists(shipments)).order_by("code"))


def require_warehouse(code: str) -> None:
    """Check that there is such a warehouse.

    :raises NotFound: when there is none.
    """
    if not Site.objects.filter(code=code, kind=Site.Kind.WAREHOUSE).exists():
        raise NotFound(f"there is no warehouse {code}")
