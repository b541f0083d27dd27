"""What is packed when its lot is recalled does not leave: warehousing stops it, logistics plans without it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Invalid
from b2b.outbox.dispatch import drain
from logistics.models import Shipment
from logistics.policies import screening
from logistics.services import dispatch, trip
from logistics.services.trip import GoodsBlocked
from tests.factories import directory
from tests.factories import logistics as fleet
from tests.factories.warehousing import AT, World, organization, site
from warehousing.models import Lot, Package
from warehousing.services import carton, demand, lot, packing, picking, recall, repack, wave

BY: Actor = system("test")


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """Two dealers with goods of two lots, staged in one warehouse."""
    with acting_as(BY):
        world = World.build()
        fleet.vehicle(directory.carrier())
        yield world


def staged(world: World, batch: Lot) -> Package:
    world.stock(4, lot=batch)
    dealer = organization("dealer")
    shop = site(dealer)
    demand.cover([world.demand_line(4, dealer_id=dealer.pk, ship_to_site_id=shop.pk)], at=AT)
    work = picking.confirm(wave.release(world.warehouse.pk, by=BY, at=AT).pk, by=BY, at=AT)
    [package] = packing.pack(work.pk, by=BY, at=AT)
    drain()
    return package


def planned(world: World) -> dispatch.Dispatch:
    proposal = dispatch.plan(world.warehouse.site_id, by=BY, at=fleet.MORNING, seconds=0.5)
    return dispatch.publish_plan(proposal, by=BY, at=fleet.MORNING)


def test_a_recalled_package_is_stopped_at_the_gate_and_left_out_of_the_next_plan(world: World) -> None:
    bad, good = world.lot(), world.lot()
    stopped, free = staged(world, bad), staged(world, good)
    [made] = planned(world).trips
    called = recall.open_([bad.pk], reason="glass", by=BY, at=AT)
    with pytest.raises(GoodsBlocked, match=f"{stopped.sscc} holds lot {bad.number}: glass"):
        trip.depart(made.pk, by=BY, at=fleet.MORNING)
    trip.cancel(made.pk, by=BY, at=fleet.MORNING, reason="recall")
    again = planned(world)
    [(left, why)] = again.left_out
    assert (left.packages.get().package_id, why) == (stopped.pk, screening.BLOCKED)
    trip.depart(again.trips[0].pk, by=BY, at=fleet.MORNING)
    drain()
    assert {one.pk: one.status for one in Package.objects.all()} == {
        stopped.pk: "PACKED",
        free.pk: "DEPARTED",
    }
    recall.close(called.pk, reason="false alarm", by=BY, at=AT)
    lot.release(bad.pk, reason="false alarm")
    assert planned(world).left_out == []
    assert set(Shipment.objects.values_list("status", flat=True)) == {"PLANNED", "IN_TRANSIT"}


def test_an_open_carton_with_recalled_goods_is_not_closed(world: World) -> None:
    bad = world.lot()
    world.stock(4, lot=bad)
    demand.cover([world.demand_line(4)], at=AT)
    work = picking.confirm(wave.release(world.warehouse.pk, by=BY, at=AT).pk, by=BY, at=AT)
    made = carton.open_for(work.pk, site_code=world.shop.code, by=BY, at=AT)
    carton.put(made.sscc, goods=world.product.sku, quantity=4, at=AT)
    recall.open_([bad.pk], reason="glass", by=BY, at=AT)
    with pytest.raises(Invalid, match="glass"):
        carton.close(made.sscc, by=BY, at=AT)
    assert repack.unpack(made.sscc, by=BY, at=AT).status == "UNPACKED"
