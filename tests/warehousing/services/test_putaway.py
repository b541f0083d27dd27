"""Goods at the dock: tasks, claims, places that fit, picking places filled."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.warehousing import GoodsReceived
from b2b.core.actor import Actor
from b2b.core.errors import Invalid
from b2b.core.ids import uuid7
from b2b.outbox.models import OutboxEvent
from tests.factories.warehousing import BY, World, product
from tests.support.ubl import sscc
from warehousing.models import HandlingUnit, Location, PickFace, PutawayRule, PutawayTask, Quant, Warehouse
from warehousing.selectors import receiving
from warehousing.services import (
    cross_docking,
    demand,
    movement,
    picking,
    putaway,
    putaway_task,
    receipt,
    replenishment,
    supply,
    wave,
)
from warehousing.services.putaway_task import Carried, NotYours

ANN, BEN = Actor(kind="operator", name="Ann"), Actor(kind="operator", name="Ben")


@pytest.fixture
def house(world: World) -> Warehouse:
    """A house that sends people, with three shelves of twenty beside the first one."""
    Warehouse.objects.update(directs_putaway=True)
    Location.objects.filter(kind="STORAGE").update(is_active=False)
    Location.objects.bulk_create(
        Location(
            warehouse=world.warehouse, code=f"A-{bay}", kind="STORAGE", zone="A", bay=bay, capacity_units=20
        )
        for bay in (1, 2, 3)
    )
    world.warehouse.refresh_from_db()
    return world.warehouse


def received(world: World, at: datetime, quantity: int, **fields: object) -> None:
    due = receipt.expect(world.advice((world.product, quantity), **fields), by=BY, at=at)  # type: ignore[arg-type]
    receipt.receive(due.pk, by=BY, at=at)


def shelves() -> dict[str, int]:
    return dict(Quant.objects.filter(on_hand__gt=0).values_list("location__code", "on_hand"))


def test_goods_come_to_the_dock_and_are_carried_to_places_with_room(world, at, house) -> None:
    received(world, at, 50)
    assert shelves() == {"RECEIVING": 50}
    tasks = putaway_task.claim(house.pk, count=10, by=ANN, at=at)
    assert [(task.destination.code, task.quantity) for task in tasks] == [
        ("A-1", 20),
        ("A-2", 20),
        ("A-3", 10),
    ]
    putaway_task.confirm([Carried(task.pk) for task in tasks], by=ANN, at=at)
    assert shelves() == {"A-1": 20, "A-2": 20, "A-3": 10}
    assert putaway_task.claim(house.pk, by=ANN, at=at) == []


def test_what_has_no_place_stays_at_the_dock_until_there_is_one(world, at, house) -> None:
    received(world, at, 70)
    assert sum(PutawayTask.objects.values_list("quantity", flat=True)) == 60
    Location.objects.filter(code="A-3").update(capacity_units=40)
    assert putaway.plan(house.pk, document_id=uuid7(), at=at) == 0
    assert sum(PutawayTask.objects.values_list("quantity", flat=True)) == 70


def test_nobody_confirms_what_another_carries(world, at, house) -> None:
    received(world, at, 30)
    [task] = putaway_task.claim(house.pk, by=ANN, at=at)
    with pytest.raises(NotYours):
        putaway_task.confirm([Carried(task.pk)], by=BEN, at=at)
    assert putaway_task.give_back([task.pk], by=ANN) == 1
    with pytest.raises(NotYours):
        putaway_task.confirm([Carried(task.pk)], by=ANN, at=at)
    assert len(putaway_task.claim(house.pk, count=5, by=BEN, at=at)) == 2


def test_what_somebody_walked_away_from_is_anybodys_after_a_while(world, at, house) -> None:
    received(world, at, 50)
    mine = putaway_task.claim(house.pk, count=3, by=ANN, at=at)
    assert len(mine) == 3
    soon, late = at + timedelta(minutes=14), at + timedelta(minutes=28)
    assert putaway_task.claim(house.pk, by=BEN, at=soon) == []
    putaway_task.confirm([Carried(mine[0].pk)], by=ANN, at=soon)  # prolongs what else is in her hands
    assert putaway_task.claim(house.pk, count=3, by=BEN, at=late) == []
    gone = at + timedelta(minutes=29)
    assert receiving.to_carry(BY, house.pk, at=late).count() == 0
    assert receiving.to_carry(BY, house.pk, at=gone).count() == 2
    his = putaway_task.claim(house.pk, count=3, by=BEN, at=gone)
    assert {task.pk for task in his} == {task.pk for task in mine[1:]}
    with pytest.raises(NotYours):
        putaway_task.confirm([Carried(his[0].pk)], by=ANN, at=gone)
    putaway_task.confirm([Carried(task.pk) for task in his], by=BEN, at=gone)
    assert sum(shelves().values()) == 50


def test_a_late_worker_still_confirms_what_nobody_else_took(world, at, house) -> None:
    received(world, at, 10)
    [mine] = putaway_task.claim(house.pk, by=ANN, at=at)
    [done] = putaway_task.confirm([Carried(mine.pk)], by=ANN, at=at + timedelta(hours=2))
    assert done.status == "DONE"


def test_replenishment_that_was_abandoned_is_anybodys_too(world, at, house) -> None:
    received(world, at, 20)
    [first] = putaway_task.claim(house.pk, by=ANN, at=at)
    putaway_task.confirm([Carried(first.pk)], by=ANN, at=at)
    face = Location.objects.create(warehouse=house, code="P-1", kind="PICKING")
    PickFace.objects.create(location=face, product=world.product, minimum=5, maximum=10)
    assert replenishment.plan(house.pk, at=at) == 1
    [mine] = putaway_task.claim(house.pk, kind="REPLENISHMENT", by=ANN, at=at)
    assert putaway_task.claim(house.pk, kind="REPLENISHMENT", by=BEN, at=at) == []
    [his] = putaway_task.claim(house.pk, kind="REPLENISHMENT", by=BEN, at=at + putaway_task.LEASE)
    assert his.pk == mine.pk


def test_a_person_may_choose_another_place_that_fits(world, at, house) -> None:
    received(world, at, 20)
    cold = Location.objects.create(warehouse=house, code="C-1", kind="STORAGE", temperature="CHILLED")
    Location.objects.create(warehouse=house, code="S-1", kind="STORAGE", capacity_units=5)
    Location.objects.create(warehouse=house, code="X-1", kind="STORAGE", is_active=False)
    [task] = putaway_task.claim(house.pk, by=ANN, at=at)
    for code, why in (
        (cold.code, "chilled"),
        ("S-1", "room for 5"),
        ("X-1", "closed"),
        ("QUALITY", "not put away"),
        ("NO-SUCH", "no such place"),
    ):
        with pytest.raises(Invalid) as refused:
            putaway_task.confirm([Carried(task.pk, code)], by=ANN, at=at)
        assert why in refused.value.problems[0].message
    putaway_task.confirm([Carried(task.pk, "A-2")], by=ANN, at=at)
    assert shelves() == {"A-2": 20}


def test_places_that_people_choose_hold_all_they_choose_them_for(world, at, house) -> None:
    received(world, at, 30)
    first, second = putaway_task.claim(house.pk, count=2, by=ANN, at=at)
    Location.objects.create(warehouse=house, code="S-1", kind="STORAGE", capacity_units=25)
    with pytest.raises(Invalid) as refused:
        putaway_task.confirm([Carried(second.pk, "S-1"), Carried(first.pk, "S-1")], by=ANN, at=at)
    [problem] = refused.value.problems
    assert (problem.pointer, problem.message) == ("/tasks/1/location", "S-1: the place has room for 15 of 20")
    there = World.build().warehouse
    Location.objects.create(warehouse=there, code="FAR-1", kind="STORAGE")
    with pytest.raises(Invalid, match="do not go there"):
        putaway_task.confirm([Carried(first.pk, "FAR-1")], by=ANN, at=at)


def test_statements_do_not_grow_with_places_that_people_choose(world, at, house) -> None:
    counts = []
    for size in (1, 3):
        received(world, at, size * 20)
        tasks = putaway_task.claim(house.pk, count=size, by=ANN, at=at)
        Location.objects.create(warehouse=house, code=f"W-{size}", kind="STORAGE")
        with CaptureQueriesContext(connection) as queries:
            putaway_task.confirm([Carried(task.pk, f"W-{size}") for task in tasks], by=ANN, at=at)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_rules_name_a_place_or_a_zone(world, at, house) -> None:
    fixed = Location.objects.create(warehouse=house, code="F-1", kind="STORAGE", zone="F", walk_sequence=99)
    PutawayRule.objects.create(warehouse=house, product=world.product, location=fixed)
    received(world, at, 5)
    assert PutawayTask.objects.get().destination == fixed


def test_a_pallet_is_carried_as_it_is(world, at, house) -> None:
    code = sscc(31)
    advice = world.advice((world.product, 5))
    values = {name: getattr(advice, name) for name in advice.__struct_fields__}
    line = advice.lines[0]
    part = {name: getattr(line, name) for name in line.__struct_fields__}
    due = receipt.expect(
        type(advice)(**{**values, "lines": (type(line)(**{**part, "sscc": code}),)}), by=BY, at=at
    )
    receipt.receive(due.pk, by=BY, at=at)
    unit = HandlingUnit.objects.get()
    assert (unit.status, unit.location.kind) == ("STORED", "RECEIVING")
    [task] = putaway_task.claim(house.pk, by=ANN, at=at)
    putaway_task.confirm([Carried(task.pk)], by=ANN, at=at)
    unit.refresh_from_db()
    assert unit.location.code == "A-1"
    assert Quant.objects.get(on_hand__gt=0).handling_unit == unit


def test_picking_places_are_filled_from_storage(world, at, house) -> None:
    received(world, at, 30)
    tasks = putaway_task.claim(house.pk, count=9, by=ANN, at=at)
    putaway_task.confirm([Carried(task.pk) for task in tasks], by=ANN, at=at)
    face = Location.objects.create(warehouse=house, code="P-1", kind="PICKING")
    PickFace.objects.create(location=face, product=world.product, minimum=5, maximum=12)
    assert replenishment.plan(house.pk, at=at) == 1
    assert replenishment.plan(house.pk, at=at) == 0
    [task] = putaway_task.claim(house.pk, by=BEN, at=at)
    assert (task.kind, task.quantity) == ("REPLENISHMENT", 12)
    putaway_task.confirm([Carried(task.pk)], by=BEN, at=at)
    assert shelves() == {"A-1": 8, "A-2": 10, "P-1": 12}
    assert replenishment.plan(house.pk, at=at) == 0


def test_goods_taken_from_the_dock_are_not_carried(world, at, house) -> None:
    received(world, at, 10)
    [task] = putaway_task.claim(house.pk, by=ANN, at=at)
    dock = Location.objects.get(kind="RECEIVING")
    loss = Location.objects.get(kind="LOSS")
    movement.post(
        [movement.Move(world.product.pk, dock.pk, loss.pk, 4)],
        at=at, document_type="test", document_id=task.document_id,
    )  # fmt: skip
    with pytest.raises(movement.NotEnoughStock):
        putaway_task.confirm([Carried(task.pk)], by=ANN, at=at)
    task.refresh_from_db()
    assert task.status == "CLAIMED"


def test_what_somebody_waits_for_goes_straight_to_staging(world, at, house) -> None:
    advice = world.advice((world.product, 30))
    due = receipt.expect(advice, by=BY, at=at)
    order = world.order((world.product, 12))
    demand.record(order, at=at)
    supply.allocate(world.sharing(advice.purchase_order_id, (order, 12)), at=at)
    receipt.receive(due.pk, by=BY, at=at)
    assert sum(PutawayTask.objects.values_list("quantity", flat=True)) == 18
    sent = wave.release(house.pk, by=BY, at=at)
    assert [(one.source.kind, one.quantity) for one in sent.tasks.all()] == [("RECEIVING", 12)]
    tasks = putaway_task.claim(house.pk, count=9, by=ANN, at=at)
    putaway_task.confirm([Carried(task.pk) for task in tasks], by=ANN, at=at)
    picking.confirm(sent.pk, by=BY, at=at)
    assert shelves() == {"A-1": 18, "STAGING": 12}


def carry_all(world, at, size: int) -> tuple[int, int]:
    """Receive and put away so many lines; return the statements each took."""
    due = receipt.expect(world.advice(*((product(), 2) for _ in range(size))), by=BY, at=at)
    with CaptureQueriesContext(connection) as taken:
        receipt.receive(due.pk, by=BY, at=at)
    with CaptureQueriesContext(connection) as moved:
        tasks = putaway_task.claim(world.warehouse.pk, count=100, by=ANN, at=at)
        putaway_task.confirm([Carried(task.pk) for task in tasks], by=ANN, at=at)
    assert len(tasks) == size
    return len(taken), len(moved)


def test_statements_do_not_grow_with_tasks(world, at, house) -> None:
    Location.objects.filter(code="A-1").update(capacity_units=10_000)
    one, many = carry_all(world, at, 1), carry_all(world, at, 30)
    assert many[0] <= one[0]
    assert many[1] <= one[1]


def test_goods_that_are_waited_for_are_picked_at_the_dock_by_themselves(world, at, house) -> None:
    due = receipt.expect(world.advice((world.product, 10)), by=BY, at=at)
    order, other = world.order((world.product, 6)), world.order((world.product, 3))
    for one in (order, other):
        demand.record(one, at=at)
    supply.allocate(world.sharing(due.purchase_order_id, (order, 6)), at=at)
    receipt.receive(due.pk, by=BY, at=at)
    told = GoodsReceived.from_json(json.dumps(OutboxEvent.objects.get(topic=GoodsReceived.topic).payload))
    made = cross_docking.release(told, by=BY)
    assert made is not None
    tasks = made.tasks.values_list("source__kind", "demand__order_id", "quantity")
    assert list(tasks) == [("RECEIVING", order.order_id, 6)]
    assert cross_docking.release(told, by=BY) is None
    picking.confirm(made.pk, by=BY, at=at)
    assert shelves() == {"RECEIVING": 4, "STAGING": 6}
    Warehouse.objects.update(directs_putaway=False)
    assert cross_docking.release(told, by=BY) is None
