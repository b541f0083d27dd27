"""Packing by hand: cartons filled, weighed, closed, changed, stacked."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.logistics import CarriedShipment, DeliveryFailed, Departed
from b2b.core.epcis import uris
from b2b.core.errors import Invalid, NotFound
from b2b.core.gs1 import ScanError
from b2b.core.ids import uuid7
from b2b.core.machine import IllegalTransition
from b2b.db.invariants import check
from b2b.outbox.models import OutboxEvent
from tests.factories.warehousing import BY, World, product
from warehousing.models import EpcisEvent, HandlingUnit, Package, Quant, Wave
from warehousing.policies.pick_check import WrongScan
from warehousing.services import carton, demand, issue, packing, pick, picking, repack, wave

GTIN = "09506000134352"
SSCC = "106141412345678908"
SOUND = ["stock.quants", "stock.units", "stock.reserved", "stock.movements"]


@pytest.fixture
def work(world: World, at: datetime) -> Wave:
    """A picked wave: twelve bolts and four nuts for one shop."""
    world.product = product(gtin=GTIN, sku="BOLT-8")
    nuts = product(sku="NUT-8", attributes={"un_number": "1263"})
    world.stock(20)
    world.stock(20, of=nuts)
    demand.cover([world.demand_line(12), world.demand_line(4, of=nuts)], at=at)
    made = wave.release(world.warehouse.pk, by=BY, at=at)
    return picking.confirm(made.pk, by=BY, at=at)


def opened(world: World, work: Wave, at: datetime, **kind: Any) -> Package:
    return carton.open_for(work.pk, site_code=world.shop.code, by=BY, at=at, **kind)


def filled(world: World, work: Wave, at: datetime, goods: str = "BOLT-8", quantity: int = 12) -> Package:
    return carton.put(opened(world, work, at).sscc, goods=goods, quantity=quantity, at=at)


def held(package: Package) -> dict[str, int]:
    return dict(
        Quant.objects.filter(handling_unit=package.handling_unit, on_hand__gt=0).values_list(
            "product__sku", "on_hand"
        )
    )


def test_goods_go_into_a_carton_and_dispatch_hears_of_all(world: World, work: Wave, at: datetime) -> None:
    made = filled(world, work, at, f"(01){GTIN}", 5)
    carton.put(made.sscc, goods="nut-8", quantity=1, at=at)
    assert held(made) == {"BOLT-8": 5, "NUT-8": 1}
    carton.close(made.sscc, gross_weight_g=6_300, by=BY, at=at)
    [rest] = packing.pack(work.pk, by=BY, at=at)
    assert held(rest) == {"BOLT-8": 7, "NUT-8": 3}
    told = OutboxEvent.objects.get(topic="warehousing.packages.ready.v1").payload
    assert [one["weight_g"] for one in told["packages"]] == [6_300, 10_000]
    assert {one["hazard"] for one in told["packages"]} == {"UN1263"}
    assert {one["temperature"] for one in told["packages"]} == {"AMBIENT"}
    assert check(SOUND) == []


def test_goods_are_packed_out_of_the_tote_they_were_picked_into(world: World, at: datetime) -> None:
    tote = HandlingUnit.objects.create(sscc=SSCC, kind="TOTE", status="STORED", created_at=at)
    world.stock(10)
    demand.cover([world.demand_line(6)], at=at)
    made = wave.release(world.warehouse.pk, by=BY, at=at)
    [task] = pick.claim(world.warehouse.pk, picker="ann", at=at).tasks.all()
    pick.confirm(task.pk, quantity=6, picker="ann", into=SSCC, by=BY, at=at)
    package = filled(world, made, at, world.product.sku, 2)
    carton.close(package.sscc, by=BY, at=at)
    packing.pack(made.pk, by=BY, at=at)
    assert Quant.objects.get(handling_unit=tote).on_hand == 0
    assert check(SOUND) == []


@pytest.mark.parametrize(
    ("goods", "quantity", "wrong"),
    [
        ("BOLT-8", 0, Invalid),
        ("BOLT-8", -1, Invalid),
        ("BOLT-8", 13, Invalid),
        ("(01)09506000134369", 1, WrongScan),
        ("(01)09506000134353", 1, ScanError),
        ("WHAT", 1, ScanError),
    ],
)
def test_what_is_not_for_the_carton_stays_out(
    world: World, work: Wave, at: datetime, goods: str, quantity: int, wrong: type[Exception]
) -> None:
    made = opened(world, work, at)
    with pytest.raises(wrong):
        carton.put(made.sscc, goods=goods, quantity=quantity, at=at)
    assert held(made) == {}


def test_a_carton_holds_no_more_than_a_package_may(world: World, work: Wave, at: datetime) -> None:
    type(world.warehouse).objects.update(package_weight_g=5_000)
    made = opened(world, work, at)
    with pytest.raises(Invalid, match="holds"):
        carton.put(made.sscc, goods="BOLT-8", quantity=6, at=at)
    assert carton.put(made.sscc, goods="BOLT-8", quantity=5, at=at).weight_g == 5_000


@pytest.mark.parametrize(
    ("grams", "fits"), [(12_000, True), (14_600, True), (11_399, False), (14_601, False)]
)
def test_a_weight_tells_what_is_wrong(world: World, work: Wave, at: datetime, grams: int, fits: bool) -> None:
    made = filled(world, work, at)
    if fits:
        assert carton.close(made.sscc, gross_weight_g=grams, by=BY, at=at).weight_g == grams
        return
    with pytest.raises(Invalid, match="weighs"):
        carton.close(made.sscc, gross_weight_g=grams, by=BY, at=at)
    made.refresh_from_db()
    assert made.status == "OPEN"


def test_an_empty_carton_is_not_closed_and_an_open_one_not_told(
    world: World, work: Wave, at: datetime
) -> None:
    made = opened(world, work, at)
    with pytest.raises(Invalid, match="nothing is in it"):
        carton.close(made.sscc, by=BY, at=at)
    with pytest.raises(packing.NotReady):
        packing.pack(work.pk, by=BY, at=at)


def test_unpacked_goods_are_packed_again(world: World, work: Wave, at: datetime) -> None:
    made = filled(world, work, at)
    carton.close(made.sscc, by=BY, at=at)
    with pytest.raises(IllegalTransition):
        repack.unpack(made.sscc, by=BY, at=at)
    repack.reopen(made.sscc, by=BY, at=at)
    repack.unpack(made.sscc, by=BY, at=at)
    assert HandlingUnit.objects.get(sscc=made.sscc).status == "EMPTY"
    again = filled(world, work, at)
    assert again.sscc != made.sscc
    assert held(again) == {"BOLT-8": 12}
    assert check(SOUND) == []


def test_a_carton_is_split_and_merged(world: World, work: Wave, at: datetime) -> None:
    one, other = filled(world, work, at), opened(world, work, at)
    repack.shift(one.sscc, other.sscc, sku="BOLT-8", quantity=5, at=at)
    assert (held(one), held(other)) == ({"BOLT-8": 7}, {"BOLT-8": 5})
    assert [Package.objects.get(pk=made.pk).weight_g for made in (one, other)] == [7_000, 5_000]
    repack.shift(other.sscc, one.sscc, at=at)
    assert (held(one), held(other)) == ({"BOLT-8": 12}, {})
    with pytest.raises(Invalid):
        repack.shift(other.sscc, one.sscc, at=at)
    with pytest.raises(Invalid):
        repack.shift(one.sscc, one.sscc, at=at)
    assert check(SOUND) == []


def test_cartons_stand_on_a_pallet(world: World, work: Wave, at: datetime) -> None:
    one, other = filled(world, work, at, quantity=6), filled(world, work, at, quantity=6)
    with pytest.raises(IllegalTransition):
        repack.stack(world.warehouse.pk, [one.sscc], at=at)
    for made in (one, other):
        carton.close(made.sscc, by=BY, at=at)
    pallet = repack.stack(world.warehouse.pk, [one.sscc], at=at)
    assert repack.stack(world.warehouse.pk, [other.sscc], pallet_sscc=pallet.sscc, at=at) == pallet
    assert pallet.children.count() == 2
    stacked = EpcisEvent.objects.filter(document__parentID=uris.unit(pallet.sscc)).order_by("pk")
    assert [(one.document["action"], one.document["childEPCs"]) for one in stacked] == [
        ("ADD", [uris.unit(one.sscc)]),
        ("ADD", [uris.unit(other.sscc)]),
    ]
    packing.pack(work.pk, by=BY, at=at)
    told = OutboxEvent.objects.get(topic="warehousing.packages.ready.v1").payload
    assert [one["pallet_sscc"] for one in told["packages"]] == [pallet.sscc, pallet.sscc, ""]


def closed(world: World, work: Wave, at: datetime, quantity: int) -> Package:
    made = filled(world, work, at, quantity=quantity)
    return carton.close(made.sscc, by=BY, at=at)


def leave(world: World, at: datetime, *packages: Package) -> Departed:
    shipment = CarriedShipment(
        shipment_id=uuid7(), number="SH-1", dealer_id=world.dealer.pk, ship_to_site_id=world.shop.pk,
        package_ids=tuple(package.pk for package in packages), lines=(),
    )  # fmt: skip
    gone = Departed(
        occurred_at=at, trip_id=uuid7(), number="TR-1", carrier_id=1, warehouse_site_id=world.warehouse.site_id,
        shipments=(shipment,),
    )  # fmt: skip
    issue.depart(gone, by=BY, at=at)
    return gone


def test_a_pallet_leaves_with_the_last_of_its_cartons_and_is_not_stacked_then(
    world: World, work: Wave, at: datetime
) -> None:
    one, other, late = (closed(world, work, at, 4) for _ in range(3))
    pallet = repack.stack(world.warehouse.pk, [one.sscc, other.sscc], at=at)
    leave(world, at, one)
    pallet.refresh_from_db()
    assert (pallet.status, pallet.location.kind) == ("STORED", "STAGING")
    trip = leave(world, at, other)
    pallet.refresh_from_db()
    assert (pallet.status, pallet.location.kind) == ("SHIPPED", "CUSTOMER")
    with pytest.raises(Invalid, match="does not stand in staging"):
        repack.stack(world.warehouse.pk, [late.sscc], pallet_sscc=pallet.sscc, at=at)
    failed = DeliveryFailed(
        occurred_at=at, shipment_id=trip.shipments[0].shipment_id, number="SH-1", dealer_id=world.dealer.pk,
        carrier_id=1, reason="closed",
    )  # fmt: skip
    issue.take_back(failed, by=BY, at=at)
    other.handling_unit.refresh_from_db()
    assert other.handling_unit.status == "STORED"


def test_cartons_of_another_house_are_not_stacked_here(world: World, work: Wave, at: datetime) -> None:
    made = closed(world, work, at, 6)
    with pytest.raises(Invalid, match="is not of"):
        repack.stack(World.build().warehouse.pk, [made.sscc], at=at)
    with pytest.raises(NotFound, match=SSCC):
        repack.stack(world.warehouse.pk, [made.sscc, SSCC], at=at)


def test_stacking_and_splitting_cost_the_same_however_much_is_moved(
    world: World, work: Wave, at: datetime
) -> None:
    made = [closed(world, work, at, 3) for _ in range(4)]
    counts = []
    for part in (made[:1], made[1:]):
        with CaptureQueriesContext(connection) as queries:
            repack.stack(world.warehouse.pk, [one.sscc for one in part], at=at)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_goods_of_many_orders_go_into_a_carton_at_once(world: World, at: datetime) -> None:
    counts = []
    for orders in (1, 6):
        world.stock(orders * 2)
        demand.cover([world.demand_line(2) for _ in range(orders)], at=at)
        picked = picking.confirm(wave.release(world.warehouse.pk, by=BY, at=at).pk, by=BY, at=at)
        one, other = opened(world, picked, at), opened(world, picked, at)
        with CaptureQueriesContext(connection) as queries:
            carton.put(one.sscc, goods=world.product.sku, quantity=orders * 2, at=at)
            repack.shift(one.sscc, other.sscc, quantity=orders * 2 - 1, at=at)
        assert [line.quantity for line in one.lines.all()] == [1]
        assert sum(line.quantity for line in other.lines.all()) == orders * 2 - 1
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 1, "one more where emptied lines are deleted"


def test_a_carton_that_was_opened_again_is_weighed_by_its_goods(
    world: World, work: Wave, at: datetime
) -> None:
    made = filled(world, work, at, quantity=10)
    carton.close(made.sscc, gross_weight_g=11_900, by=BY, at=at)
    assert repack.reopen(made.sscc, by=BY, at=at).weight_g == 10_000
    with pytest.raises(Invalid, match="weighs 13500"):
        carton.close(made.sscc, gross_weight_g=13_500, by=BY, at=at)


def test_goods_of_a_cancelled_order_do_not_leave_in_a_carton(world: World, work: Wave, at: datetime) -> None:
    made = filled(world, work, at)
    carton.close(made.sscc, by=BY, at=at)
    made.lines.get().demand.__class__.objects.filter(pk=made.lines.get().demand_id).update(is_cancelled=True)
    with pytest.raises(packing.NotReady, match="cancelled"):
        packing.pack(work.pk, by=BY, at=at)
    repack.reopen(made.sscc, by=BY, at=at)
    repack.unpack(made.sscc, by=BY, at=at)
    packing.pack(work.pk, by=BY, at=at)
    assert Quant.objects.get(location__kind="STORAGE", product=world.product).on_hand == 20


def test_a_package_nobody_knows(world: World, work: Wave, at: datetime) -> None:
    with pytest.raises(NotFound):
        carton.put(SSCC, goods="BOLT-8", quantity=1, at=at)
    with pytest.raises(NotFound):
        carton.open_for(work.pk, site_code="nowhere", by=BY, at=at)
    with pytest.raises(Invalid):
        opened(world, work, at, kind="SUITCASE")
