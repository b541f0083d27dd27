"""Fleets and loads for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import factory

from b2b.catalog.models import Product
from b2b.contracts.warehousing import PackedLine, PackedUnit
from b2b.core.actor import Actor, acting_as, system
from b2b.core.ids import uuid7
from b2b.directory.models import Organization, Site
from logistics.models import RoutePlan, Shipment, Tariff, Trip, Vehicle
from logistics.policies.positions import Fix
from logistics.services import arrival, delivery, dispatch, positions, route_plan, shipment, trip
from tests.factories import catalog, directory

MORNING = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)  # half past eight in the warehouse's time zone
PLATFORM = system("test")


class VehicleFactory(factory.django.DjangoModelFactory):
    """A van that takes two tonnes and ten cubic metres."""

    class Meta:
        model = Vehicle

    code = factory.Sequence(lambda n: f"van-{n}")
    plate = factory.Sequence(lambda n: f"A{n:05}")
    capacity_weight_g = 2_000_000
    capacity_volume_cm3 = 10_000_000
    cost_per_km = "3.500"
    cost_per_hour = "40.000"


def vehicle(carrier: Organization, **values: object) -> Vehicle:
    """Create a vehicle of `carrier`."""
    with acting_as(PLATFORM):
        return VehicleFactory(carrier=carrier, **values)


def seen(
    made: Vehicle,
    *,
    latitude: float = 30.5,
    longitude: float = 114.3,
    at: datetime = MORNING,
    by: Actor = PLATFORM,
) -> positions.Ingested:
    """Tell where a vehicle was at a moment."""
    fix = Fix(made.code, at, latitude, longitude)
    with acting_as(by):
        return positions.ingest([fix], by=by, at=at)


def tariff(carrier: Organization, **values: object) -> Tariff:
    """Create a tariff of `carrier`."""
    with acting_as(PLATFORM):
        return Tariff.objects.create(carrier=carrier, valid_from_date=date(2026, 1, 1), **values)


def packed_unit(
    ship_to: Site,
    product: Product,
    *,
    quantities: Sequence[int] = (10,),
    order_id: UUID | None = None,
    **values: object,
) -> PackedUnit:
    """Return a package for `ship_to` with an order line for each quantity; line ids count from `first_line_id`."""
    order = order_id or uuid7()
    first_line_id = values.pop("first_line_id", order.int % 10**9 * 1000)
    described = {
        "package_id": uuid7(),
        "sscc": "",
        "dealer_id": ship_to.organization_id,
        "ship_to_site_id": ship_to.pk,
        "weight_g": 20_000,
        "volume_cm3": 60_000,
        "need_by_date": None,
        "lines": tuple(
            PackedLine(
                order_id=order,
                order_version=1,
                order_line_id=first_line_id + row,
                product_id=product.pk,
                quantity=quantity,
            )
            for row, quantity in enumerate(quantities)
        ),
    }
    return PackedUnit(**{**described, **values})


def shipments(
    warehouse: Site, packages: Sequence[PackedUnit], *, wave_id: UUID | None = None, at: datetime = MORNING
) -> list[Shipment]:
    """Create shipments of packages, as the event from the warehouse would."""
    with acting_as(PLATFORM):
        return shipment.create_from_packages(
            wave_id or uuid7(), warehouse_site_id=warehouse.pk, packages=packages, by=PLATFORM, at=at
        )


def planned(warehouse: Site, *, at: datetime = MORNING) -> list[Trip]:
    """Plan and publish trips for everything that waits at `warehouse`."""
    with acting_as(PLATFORM):
        proposal = dispatch.plan(warehouse.pk, by=PLATFORM, at=at, seconds=0.5)
        return dispatch.publish_plan(proposal, by=PLATFORM, at=at).trips


def departed(warehouse: Site, *, at: datetime = MORNING) -> list[Trip]:
    """Plan, publish and send off trips for everything that waits at `warehouse`."""
    trips = planned(warehouse, at=at)
    with acting_as(PLATFORM):
        return [trip.depart(made.pk, by=PLATFORM, at=at) for made in trips]


def asked(warehouse: Site, *, at: datetime = MORNING, **values: object) -> RoutePlan:
    """Ask for a plan of what waits at `warehouse`; no worker has it yet."""
    wish = route_plan.Wish(warehouse.pk, seconds=1, **values)
    with acting_as(PLATFORM):
        return route_plan.ask(wish, by=PLATFORM, at=at)


@dataclass(frozen=True)
class Haul:
    """A trip with one shipment."""

    vehicle: Vehicle
    trip: Trip
    shipment: Shipment


def haul(dealer: Organization, carrier: Organization, *, until: str = "DEPARTED") -> Haul:
    """Carry a shipment of `dealer` with `carrier` until the trip is PLANNED or DEPARTED, or the shipment DELIVERED."""
    warehouse = directory.warehouse(latitude="30.500000", longitude="114.300000")
    shop = directory.site(dealer, latitude="30.600000", longitude="114.300000")
    van = vehicle(carrier, warehouse_site=warehouse)
    (load,) = shipments(warehouse, [packed_unit(shop, catalog.product())])
    (made,) = planned(warehouse) if until == "PLANNED" else departed(warehouse)
    with acting_as(PLATFORM) as platform:
        if until == "DELIVERED":
            capture = delivery.Capture(capture_id="c1", signer_name="Chen Jie", delivered_at=MORNING)
            delivery.confirm(load.pk, capture=capture, by=platform, at=MORNING)
        load.refresh_from_db()
    return Haul(van, made, load)


def route_plan_of(dealer: Organization, carrier: Organization) -> RoutePlan:
    """Ask for a plan of one shipment of `dealer` with one vehicle of `carrier`."""
    warehouse = directory.warehouse(latitude="30.500000", longitude="114.300000")
    shop = directory.site(dealer, latitude="30.600000", longitude="114.300000")
    vehicle(carrier, warehouse_site=warehouse)
    shipments(warehouse, [packed_unit(shop, catalog.product())])
    return asked(warehouse)


def arrivals_told(*, at: datetime = MORNING) -> int:
    """Estimate and tell when everything under way arrives."""
    with acting_as(PLATFORM) as platform:
        return arrival.estimate(by=platform, at=at)
