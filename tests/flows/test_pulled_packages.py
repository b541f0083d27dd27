"""A staged package whose goods were called back is pulled: dispatch goes without it, and its order waits for others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Invalid
from b2b.core.machine import IllegalTransition
from b2b.db import invariants
from b2b.outbox.dispatch import drain
from b2b.outbox.models import OutboxEvent
from logistics.models import Drop, Shipment, ShipmentLine, ShipmentPackage, Trip
from logistics.services import dispatch, trip
from tests.factories import directory
from tests.factories import logistics as fleet
from tests.factories.warehousing import AT, World, organization, site
from warehousing.models import HandlingUnit, Lot, Package, PickTask, Promise, Quant, Reservation
from warehousing.selectors import package as packages
from warehousing.selectors import trace
from warehousing.services import carton, demand, lot, packing, picking, pull, recall, wave
from warehousing.services.wave import NothingToPick

BY: Actor = system("test")
SOUND = ["stock.quants", "stock.units", "stock.reserved", "stock.movements"]


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with acting_as(BY):
        world = World.build()
        fleet.vehicle(directory.carrier())
        yield world
        assert invariants.check(SOUND) == []


def staged(world: World, *parts: tuple[Lot, int], told: bool = True) -> list[Package]:
    """Have goods of lots packed for a shop of a new dealer, and dispatch told."""
    dealer = organization("dealer")
    shop = site(dealer)
    for batch, quantity in parts:
        world.stock(quantity, lot=batch)
        demand.cover([world.demand_line(quantity, dealer_id=dealer.pk, ship_to_site_id=shop.pk)], at=AT)
    work = picking.confirm(wave.release(world.warehouse.pk, by=BY, at=AT).pk, by=BY, at=AT)
    made = packing.pack(work.pk, by=BY, at=AT)
    if told:
        drain()
    return made


def planned(world: World) -> dispatch.Dispatch:
    proposal = dispatch.plan(world.warehouse.site_id, by=BY, at=fleet.MORNING, seconds=0.5)
    return dispatch.publish_plan(proposal, by=BY, at=fleet.MORNING)


def on_shelf() -> dict[str, int]:
    rows = Quant.objects.filter(on_hand__gt=0).values_list("location__kind", "on_hand")
    found: dict[str, int] = {}
    for kind, quantity in rows:
        found[kind] = found.get(kind, 0) + quantity
    return found


def test_the_trip_leaves_without_what_was_pulled_and_its_order_is_picked_again(world: World) -> None:
    bad, good = world.lot(), world.lot()
    [stopped], [free] = staged(world, (bad, 4)), staged(world, (good, 4))
    [made] = planned(world).trips
    called = recall.open_([bad.pk], reason="glass", by=BY, at=AT)
    assert [one.pk for one in packages.stopped(BY, recall=called)] == [stopped.pk]

    [gone] = pull.pull([stopped.sscc], by=BY, at=AT)

    assert (gone.status, packages.stopped(BY)) == ("PULLED", {})
    assert HandlingUnit.objects.get(sscc=stopped.sscc).status == "EMPTY"
    assert on_shelf() == {"STORAGE": 4, "STAGING": 4}
    assert not trace.of_lots(BY, [bad.pk]).parcels, "nobody is told of goods that are back on their shelf"
    assert trip.depart(made.pk, by=BY, at=fleet.MORNING).status == "DEPARTED"
    assert sorted(Shipment.objects.values_list("status", flat=True)) == ["CANCELLED", "IN_TRANSIT"]
    drain()
    assert Package.objects.get(pk=free.pk).status == "DEPARTED"
    told = OutboxEvent.objects.get(topic="warehousing.package.pulled.v1")
    assert (told.payload["reason"], told.parties) == (
        f"package {stopped.sscc} holds lot {bad.number}: glass",
        [stopped.dealer_id],
    )

    waiting = Promise.objects.get(demand__dealer=stopped.dealer_id)
    assert (waiting.status, waiting.picked) == ("ON_HAND", 0)
    with pytest.raises(NothingToPick):
        wave.release(world.warehouse.pk, by=BY, at=AT)
    world.stock(4, lot=good)
    again = picking.confirm(wave.release(world.warehouse.pk, by=BY, at=AT).pk, by=BY, at=AT)
    [new] = packing.pack(again.pk, by=BY, at=AT)
    assert (new.dealer_id, new.sscc != stopped.sscc) == (stopped.dealer_id, True)


def test_of_a_shipment_with_more_packages_only_the_pulled_one_goes(world: World) -> None:
    world.warehouse.package_weight_g = 6_000
    world.warehouse.save()
    batch = world.lot()
    first, second = staged(world, (batch, 10))  # ten of a kilogram each: six and four, of one pick
    [made] = planned(world).trips
    smaller = min((first, second), key=lambda one: one.weight_g)
    pull.pull([smaller.sscc], reason="crushed by a fork", by=BY, at=AT)
    shipment = Shipment.objects.get()
    assert (shipment.status, shipment.weight_g, ShipmentLine.objects.get().quantity) == ("PLANNED", 6_000, 6)
    assert (Drop.objects.get().weight_g, ShipmentPackage.objects.count()) == (6_000, 1)
    assert (PickTask.objects.get().picked_quantity, Reservation.objects.get().quantity) == (6, 6)
    assert (Promise.objects.get().picked, Promise.objects.get().status) == (6, "ON_HAND")
    trip.depart(made.pk, by=BY, at=fleet.MORNING)
    drain()
    with pytest.raises(IllegalTransition, match="DEPARTED"):
        pull.pull([first.sscc, second.sscc], reason="too late", by=BY, at=AT)
    again = picking.confirm(wave.release(world.warehouse.pk, by=BY, at=AT).pk, by=BY, at=AT)
    assert sum(PickTask.objects.filter(wave=again).values_list("picked_quantity", flat=True)) == 4


def test_a_trip_with_nothing_left_is_called_off(world: World) -> None:
    batch = world.lot()
    [only] = staged(world, (batch, 4))
    planned(world)
    lot.quarantine(batch.pk, reason="wet", at=AT)
    pull.pull([only.sscc], by=BY, at=AT)
    assert (Trip.objects.get().status, Shipment.objects.get().status) == ("CANCELLED", "CANCELLED")
    assert Drop.objects.get().outcome == "CANCELLED"


def test_what_is_pulled_before_dispatch_hears_of_it_gets_into_no_shipment(world: World) -> None:
    batch = world.lot()
    [late] = staged(world, (batch, 4), told=False)
    pull.pull([late.sscc], reason="torn", by=BY, at=AT)
    drain()
    assert not Shipment.objects.exists()


def test_what_left_before_the_warehouse_heard_of_it_stays_on_the_road(world: World) -> None:
    [gone] = staged(world, (world.lot(), 4))
    [made] = planned(world).trips
    trip.depart(made.pk, by=BY, at=fleet.MORNING)
    with pytest.raises(IllegalTransition, match="has left; stop it by hand"):
        pull.pull([gone.sscc], reason="glass", by=BY, at=AT)
    assert Package.objects.get().status == "PACKED"


def test_a_package_is_pulled_for_a_reason(world: World) -> None:
    [sound] = staged(world, (world.lot(), 4))
    with pytest.raises(Invalid, match="nothing stops"):
        pull.pull([sound.sscc], by=BY, at=AT)
    assert Shipment.objects.get().status == "READY"


def test_pulling_many_costs_as_much_as_one(world: World) -> None:
    counts = []
    for number in (1, 4):
        batch = world.lot()
        named = [one.sscc for _ in range(number) for one in staged(world, (batch, 2))]
        lot.quarantine(batch.pk, reason="wet", at=AT)
        with CaptureQueriesContext(connection) as queries:
            pull.pull(named, by=BY, at=AT)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_recalled_carton_that_stands_open_is_closed_for_nobody(world: World) -> None:
    batch = world.lot()
    world.stock(4, lot=batch)
    demand.cover([world.demand_line(4)], at=AT)
    work = picking.confirm(wave.release(world.warehouse.pk, by=BY, at=AT).pk, by=BY, at=AT)
    box = carton.open_for(work.pk, site_code=world.shop.code, by=BY, at=AT)
    carton.put(box.sscc, goods=world.product.sku, quantity=4, at=AT)
    with pytest.raises(IllegalTransition, match="OPEN, not PACKED"):
        pull.pull([box.sscc], reason="glass", by=BY, at=AT)
