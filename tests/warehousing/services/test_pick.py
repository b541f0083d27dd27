"""Picking as a person does it: a list, one pick after the other, and what is not there."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from b2b.core.errors import Invalid, NotFound
from b2b.core.gs1 import ScanError
from b2b.core.ids import uuid7
from b2b.db.invariants import check
from b2b.outbox.models import OutboxEvent
from tests.factories.warehousing import BY, World, product
from warehousing.models import (
    CountLine,
    HandlingUnit,
    Location,
    Pick,
    PickList,
    PickTask,
    Promise,
    Quant,
    Wave,
)
from warehousing.policies.pick_check import WrongScan
from warehousing.services import demand, movement, pick, picking, promise, wave
from warehousing.services.wave import NothingToPick, Plan

GTIN = "09506000134352"
OTHER = "09506000134369"
SSCC = "106141412345678908"


def waiting(world: World, at: datetime, *quantities: int, **fields: Any) -> None:
    for quantity in quantities:
        demand.cover([world.demand_line(quantity, **fields)], at=at)


def release(world: World, at: datetime, **plan: Any) -> Wave:
    return wave.release(world.warehouse.pk, plan=Plan(**plan), by=BY, at=at)


def claim(world: World, at: datetime, picker: str = "ann", **where: Any) -> list[PickTask]:
    held = pick.claim(world.warehouse.pk, picker=picker, at=at, **where)
    return list(held.tasks.filter(status="OPEN").order_by("task_number"))


def confirm(task: PickTask, at: datetime, picker: str = "ann", **scans: Any) -> PickTask:
    return pick.confirm(task.pk, **{"quantity": task.quantity, "picker": picker, "by": BY, "at": at, **scans})


@pytest.fixture
def bolts(world: World, at: datetime) -> World:
    """Bolts with a GTIN and a lot on the shelf."""
    world.product = product(gtin=GTIN, sku="BOLT-8")
    world.stock(10, lot=world.lot(at.date() + timedelta(days=90)))
    return world


def test_a_pick_says_who_took_what_from_where(bolts: World, at: datetime) -> None:
    waiting(bolts, at, 4)
    work = release(bolts, at)
    [task] = claim(bolts, at)
    lot = task.lot.number if task.lot else ""
    confirm(task, at, place="01-01", goods=f"(01){GTIN}(10){lot}")
    made = Pick.objects.get()
    assert (made.picker, made.quantity, made.short_quantity, made.picked_at) == ("ann", 4, 0, at)
    assert made.quant.location.code == "01-01"
    assert made.lot == task.lot
    assert made.movement is not None
    work.refresh_from_db()
    assert work.status == "PICKED"


def test_the_history_of_picks_stays(bolts: World, at: datetime) -> None:
    waiting(bolts, at, 4)
    picking.confirm(release(bolts, at).pk, by=BY, at=at)
    with pytest.raises(IntegrityError, match="refused"), transaction.atomic():
        Pick.objects.update(quantity=5)


@pytest.mark.parametrize(
    ("scans", "wrong"),
    [
        ({"place": "01-02"}, WrongScan),
        ({"goods": f"(01){OTHER}"}, WrongScan),
        ({"goods": f"(01){GTIN}(10)OTHER-LOT"}, WrongScan),
        ({"goods": f"(01){GTIN}(17)200101"}, WrongScan),
        ({"goods": SSCC}, WrongScan),
        ({"goods": "(10)ANY"}, WrongScan),
        ({"goods": "(01)09506000134353"}, ScanError),
        ({"goods": "SCREW-4"}, ScanError),
        ({"into": SSCC}, NotFound),
        ({"into": "00106141412345678901"}, ScanError),
        ({"quantity": 5}, Invalid),
        ({"quantity": 3}, Invalid),
        ({"quantity": -1}, Invalid),
        ({"picker": "bob"}, pick.Claimed),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_picked(
    bolts: World, at: datetime, scans: dict[str, Any], wrong: type[Exception]
) -> None:
    waiting(bolts, at, 4)
    release(bolts, at)
    [task] = claim(bolts, at)
    with pytest.raises(wrong):
        confirm(task, at, **scans)
    assert not Pick.objects.exists()
    assert Quant.objects.get(location__kind="STORAGE").on_hand == 10
    assert confirm(task, at, goods="bolt-8").status == "PICKED"


def test_goods_in_a_unit_are_named_by_its_sscc(world: World, at: datetime) -> None:
    unit = HandlingUnit.objects.create(sscc=SSCC, status="STORED", created_at=at)
    move = movement.Move(
        product_id=world.product.pk, source_id=world.places["SUPPLIER"].pk, quantity=4,
        destination_id=world.places["STORAGE"].pk, into_unit_id=unit.pk,
    )  # fmt: skip
    movement.post([move], at=at, document_type="test", document_id=uuid7())
    waiting(world, at, 4)
    release(world, at)
    [task] = claim(world, at)
    assert confirm(task, at, goods=f"(00){SSCC}").picked_quantity == 4


def test_a_pick_into_a_tote_stands_in_it(bolts: World, at: datetime) -> None:
    tote = HandlingUnit.objects.create(sscc=SSCC, kind="TOTE", status="STORED", created_at=at)
    waiting(bolts, at, 4, 3)
    release(bolts, at)
    for task in claim(bolts, at):
        confirm(task, at, into=f"00{SSCC}")
    held = Quant.objects.get(handling_unit=tote)
    assert (held.on_hand, held.location.kind) == (7, "STAGING")
    assert set(PickTask.objects.values_list("unit", flat=True)) == {tote.pk}
    assert not check(["stock.quants", "stock.units", "stock.reserved"])


def test_a_short_pick_is_sent_for_elsewhere_at_once(world: World, at: datetime) -> None:
    sooner, later = world.lot(at.date() + timedelta(days=10)), world.lot(at.date() + timedelta(days=20))
    world.stock(10, lot=sooner)
    world.stock(10, lot=later)
    waiting(world, at, 10)
    work = release(world, at)
    [task] = claim(world, at)
    assert task.lot == sooner
    pick.short(task.pk, quantity=7, picker="ann", by=BY, at=at)
    [again] = claim(world, at)
    assert (again.lot, again.quantity, again.pick_list) == (later, 3, task.pick_list)
    assert Pick.objects.get().short_quantity == 3
    [place] = (
        CountLine.objects.filter(cycle_count__status="OPEN")
        .values_list("location__code", flat=True)
        .distinct()
    )
    assert place == "01-01"
    assert not OutboxEvent.objects.filter(topic="warehousing.pick.short.v1").exists()
    confirm(again, at)
    work.refresh_from_db()
    assert work.status == "PICKED"


def test_when_nothing_is_left_the_demand_waits_and_orders_hear(world: World, at: datetime) -> None:
    world.stock(10)
    waiting(world, at, 10)
    release(world, at)
    [task] = claim(world, at)
    pick.short(task.pk, quantity=4, picker="ann", by=BY, at=at)
    told = OutboxEvent.objects.get(topic="warehousing.pick.short.v1").payload
    assert (told["quantity"], told["product_id"]) == (6, world.product.pk)
    with pytest.raises(NothingToPick):
        claim(world, at)
    assert Promise.objects.get().quantity == 4
    # Goods that come in later are sent for by the next wave.
    world.stock(6)
    demand_ids = list(PickTask.objects.values_list("demand_id", flat=True))
    promise.make(demand_ids, at=at, beside_supply=False)
    assert sorted(release(world, at).tasks.values_list("quantity", flat=True)) == [6]


@pytest.mark.parametrize("found", [-1, 10, 11])
def test_a_short_pick_finds_less_than_asked(world: World, at: datetime, found: int) -> None:
    world.stock(10)
    waiting(world, at, 10)
    release(world, at)
    [task] = claim(world, at)
    with pytest.raises(Invalid, match="short pick"):
        pick.short(task.pk, quantity=found, picker="ann", by=BY, at=at)


def test_expired_goods_are_not_picked(world: World, at: datetime) -> None:
    world.stock(10, lot=world.lot(at.date() + timedelta(days=1)))
    waiting(world, at, 4)
    release(world, at)
    [task] = claim(world, at)
    with pytest.raises(picking.Expired):
        confirm(task, at + timedelta(days=1))


class TestClaims:
    def test_a_picker_keeps_the_list_and_others_get_the_next(self, world: World, at: datetime) -> None:
        world.stock(10)
        waiting(world, at, 2, 3)
        release(world, at, method="SINGLE")
        mine, theirs = claim(world, at), claim(world, at, "bob")
        assert mine[0].pick_list != theirs[0].pick_list
        assert claim(world, at) == mine
        with pytest.raises(NothingToPick):
            claim(world, at, "cid")

    def test_an_abandoned_list_is_anybodys_and_no_longer_its_pickers(
        self, world: World, at: datetime
    ) -> None:
        world.stock(10)
        waiting(world, at, 2)
        release(world, at)
        [task] = claim(world, at)
        late = at + pick.LEASE
        [taken] = claim(world, late, "bob")
        assert taken == task
        with pytest.raises(pick.Claimed):
            confirm(task, late)
        assert confirm(task, late, "bob").status == "PICKED"

    def test_a_pick_prolongs_the_claim(self, world: World, at: datetime) -> None:
        world.stock(10)
        waiting(world, at, 2, 3)
        release(world, at)
        first, _ = claim(world, at)
        confirm(first, at + timedelta(minutes=10))
        assert PickList.objects.get().claimed_until == at + timedelta(minutes=10) + pick.LEASE

    def test_what_is_given_back_is_free(self, world: World, at: datetime) -> None:
        world.stock(10)
        waiting(world, at, 2)
        release(world, at)
        claim(world, at)
        assert pick.give_back("ann") == 1
        assert claim(world, at, "bob")

    def test_a_picker_has_a_name(self, world: World, at: datetime) -> None:
        with pytest.raises(Invalid):
            claim(world, at, " ")

    def test_a_zone_is_asked_for(self, world: World, at: datetime) -> None:
        place = world.places["STORAGE"]
        Location.objects.filter(pk=place.pk).update(zone="COLD")
        world.stock(10)
        waiting(world, at, 2)
        release(world, at, method="ZONE")
        with pytest.raises(NothingToPick):
            claim(world, at, zone="DRY")
        assert claim(world, at, zone="COLD")[0].pick_list.zone == "COLD"


class TestPlans:
    def test_a_wave_takes_the_zones_and_sites_of_its_route(self, world: World, at: datetime) -> None:
        world.stock(10)
        waiting(world, at, 2, 3)
        with pytest.raises(NothingToPick):
            release(world, at, zones=("COLD",))
        with pytest.raises(NothingToPick):
            release(world, at, site_ids=(0,))
        made = release(world, at, site_ids=(world.shop.pk,), route="R7", cut_off_at=at)
        assert (made.tasks.count(), made.route, made.cut_off_at) == (2, "R7", at)

    @pytest.mark.parametrize("plan", [{"method": "GUESS"}, {"list_size": 0}, {"orders_per_list": 0}])
    def test_a_plan_that_makes_no_sense_is_refused(
        self, world: World, at: datetime, plan: dict[str, Any]
    ) -> None:
        with pytest.raises(Invalid):
            release(world, at, **plan)

    def test_statements_do_not_grow_with_lines(self, world: World, at: datetime) -> None:
        counts = []
        for lines in (2, 40):
            goods = [product() for _ in range(lines)]
            for item in goods:
                world.stock(5, of=item)
            demand.cover([world.demand_line(1, of=item) for item in goods], at=at)
            with CaptureQueriesContext(
                connection,
            ) as seen:
                release(world, at, list_size=5)
            counts.append(len(seen))
        assert counts[0] == counts[1]
