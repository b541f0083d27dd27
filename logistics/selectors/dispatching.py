"""What a dispatcher plans with: shipments that wait, vehicles that are free, prices that hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Prefetch, Q

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Site
from logistics import ports, states
from logistics.models import Drop, Shipment, ShipmentPackage, Tariff, Trip, Vehicle

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
    """Return the vehicles that may start from a warehouse."""
    mine = Vehicle.objects.visible_to(actor).filter(
        Q(warehouse_site_id=warehouse_site_id) | Q(warehouse_site_id=None),
        is_active=True,
        carrier__is_active=True,
    )
    return mine.order_by("pk")


def busy_until(vehicle_ids: Iterable[int], *, apart_from: Iterable[UUID] = ()) -> dict[int, datetime]:
    """Return vehicle -> when it is back from its last trip under way, other than those named."""
    trips = Trip.objects.filter(vehicle_id__in=set(vehicle_ids), status__in=UNDER_WAY)
    trips = trips.exclude(pk__in=list(apart_from))
    return dict(trips.values_list("vehicle_id").annotate(last=Max("returns_at")))


def standing(actor: Actor, warehouse_site_id: int, *, since: datetime, until: datetime) -> list[Trip]:
    """Return the trips from a warehouse that are planned to leave in a period and have not, with stops and drops."""
    trips = Trip.objects.visible_to(actor).filter(
        warehouse_site_id=warehouse_site_id,
        status=states.PLANNED,
        departs_at__gte=since,
        departs_at__lt=until,
    )
    drops = Prefetch("stops__drops", Drop.objects.order_by("pk"))
    return list(trips.select_related("vehicle").prefetch_related("stops", drops).order_by("departs_at", "pk"))


def aboard(actor: Actor, trips: Iterable[Trip]) -> list[Shipment]:
    """Return the shipments on open drops of trips."""
    open_drops = Drop.objects.filter(trip__in=[trip.pk for trip in trips], outcome=Drop.Outcome.OPEN)
    shipments = Shipment.objects.visible_to(actor).filter(pk__in=open_drops.values("shipment_id"))
    return list(shipments.order_by("pk"))


def engagements(
    vehicle_ids: Iterable[int], *, apart_from: Iterable[UUID] = ()
) -> dict[int, list[tuple[datetime, datetime]]]:
    """Return when vehicles are on trips, planned or under way, as (departs, returns) pairs; not on those named."""
    taken: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    trips = Trip.objects.filter(vehicle_id__in=set(vehicle_ids), status__in=UNDER_WAY)
    trips = trips.exclude(pk__in=list(apart_from))
    for vehicle_id, departs_at, returns_at in trips.values_list("vehicle_id", "departs_at", "returns_at"):
        taken[vehicle_id].append((departs_at, returns_at))
    return taken


def tariffs(carrier_ids: Iterable[int], *, zone: str, day: date) -> dict[int, Tariff]:
    """Return each carrier's tariff of the day, the one for the zone before the one for everywhere."""
    valid = Tariff.objects.filter(
        Q(valid_until_date=None) | Q(valid_until_date__gte=day),
        carrier_id__in=set(carrier_ids), valid_from_date__lte=day, zone__in={zone, ""},
    ).prefetch_related("breaks")  # fmt: skip
    # The last one wins: everywhere before the zone, older before newer.
    return {tariff.carrier_id: tariff for tariff in valid.order_by("carrier_id", "zone", "valid_from_date")}


def warehouses_with_waiting(actor: Actor) -> list[Site]:
    """Return the warehouses at which shipments wait for a plan."""
    shipments = Shipment.objects.visible_to(actor).filter(
        warehouse_site_id=OuterRef("pk"), status=states.READY
    )
    return list(Site.objects.filter(Exists(shipments)).order_by("code"))


def warehouses_with_work(actor: Actor) -> list[Site]:
    """Return the warehouses at which shipments wait, or trips were planned or are under way."""
    shipments = Shipment.objects.visible_to(actor).filter(
        warehouse_site_id=OuterRef("pk"), status=states.READY
    )
    trips = Trip.objects.visible_to(actor).filter(warehouse_site_id=OuterRef("pk"), status__in=UNDER_WAY)
    return list(Site.objects.filter(Exists(shipments) | Exists(trips)).order_by("code"))


def require_warehouse(code: str) -> None:
    """Check that there is such a warehouse.

    :raises NotFound: when there is none.
    """
    if not Site.objects.filter(code=code, kind=Site.Kind.WAREHOUSE).exists():
        raise NotFound(f"there is no warehouse {code}")


def shipments(actor: Actor, keys: Collection[str]) -> list[Shipment]:
    """Return the shipments named."""
    return list(Shipment.objects.visible_to(actor).filter(pk__in=keys).order_by("pk"))


def vehicles(actor: Actor, keys: Collection[int]) -> list[Vehicle]:
    """Return the vehicles named."""
    return list(Vehicle.objects.visible_to(actor).filter(pk__in=keys).order_by("pk"))


def trips(actor: Actor, keys: Collection[str]) -> list[Trip]:
    """Return the trips named."""
    return list(Trip.objects.visible_to(actor).filter(pk__in=keys).order_by("pk"))
