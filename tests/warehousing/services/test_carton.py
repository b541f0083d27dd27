"""Packing by hand: cartons filled, weighed, closed, changed, stacked."""

from datetime import datetime
from typing import Any

import pytest

from b2b.core.errors import Invalid, NotFound
from b2b.core.gs1 import ScanError
from b2b.core.machine import IllegalTransition
from b2b.db.invariants import check
from b2b.outbox.models import OutboxEvent
from tests.factories.warehousing import BY, World, product
from warehousing.models import HandlingUnit, Package, Quant, Wave
from warehousing.policies.pick_check import WrongScan
from warehousing.services import carton, demand, packing, pick, picking, repack, wave

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
    packing.pack(work.pk, by=BY, at=at)
    told = OutboxEvent.objects.get(topic="warehousing.packages.ready.v1").payload
    assert [one["pallet_sscc"] for one in told["packages"]] == [pallet.sscc, pallet.sscc, ""]


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
