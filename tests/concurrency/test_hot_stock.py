"""Sixteen writers on one hot lot: nothing is oversold, no deadlock surfaces, the sums agree."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from b2b.db.invariants import check
from tests.factories.warehousing import AT, BY, World
from tests.support.mutation import mutate
from warehousing.models import Demand, Promise, PromiseBook, Quant, Reservation
from warehousing.services import (
    count,
    demand,
    empty_stock,
    movement,
    picking,
    promise,
    promise_release,
    rebuild,
    reservation,
    wave,
)
from warehousing.services.cycle_count import Found
from warehousing.services.movement import Move, NotEnoughStock
from warehousing.services.wave import NothingToPick

WRITERS = 16
ROUNDS = 8
NAMES = [
    *("stock.quants", "stock.reserved", "stock.demand", "stock.movements"),
    *("promise.books", "promise.bands", "promise.goods"),
]


@pytest.fixture
def world(committed_db: str) -> Any:
    with acting_as(system("test")):
        yield World.build()


def at_once(work: Callable[[int], Any], writers: int = WRITERS) -> list[Any]:
    """Let every writer begin at the same moment, each on a connection of its own."""
    start = Barrier(writers)

    def run(number: int) -> Any:
        try:
            with acting_as(system(f"writer {number}")):
                start.wait()
                return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(writers) as pool:
        return list(pool.map(run, range(writers)))


def test_a_hot_lot_is_never_promised_twice(world: World) -> None:
    quant = world.stock(100, lot=world.lot())
    lines = [[world.demand_line(1) for _ in range(ROUNDS)] for _ in range(WRITERS)]

    def ask(number: int) -> int:
        return sum(sum(demand.cover([line], at=AT).values()) for line in lines[number])

    assert sum(at_once(ask)) == 100
    quant.refresh_from_db()
    assert (quant.on_hand, quant.reserved, PromiseBook.objects.get().promised) == (100, 0, 100)
    assert check(NAMES) == []


def test_sets_in_opposite_orders_do_not_lock_each_other_out(world: World) -> None:
    from tests.factories.warehousing import product

    items = [product() for _ in range(6)]
    for item in items:
        world.stock(WRITERS * 2, of=item)
    sets = [
        [world.demand_line(1, of=item) for item in (items if number % 2 else reversed(items))]
        for number in range(WRITERS)
    ]
    answers = at_once(lambda number: demand.cover(sets[number], at=AT))
    assert all(set(answer.values()) == {1} for answer in answers)
    assert set(PromiseBook.objects.values_list("promised", flat=True)) == {WRITERS}


def test_everything_at_once_on_one_lot_adds_up(world: World) -> None:
    batch = world.lot()
    world.stock(60, lot=batch)
    storage, supplier, quality = (world.places[kind].pk for kind in ("STORAGE", "SUPPLIER", "QUALITY"))
    lines = [[world.demand_line(2) for _ in range(4)] for _ in range(WRITERS)]

    def reserve_and_release(number: int) -> None:
        for line in lines[number]:
            demand.cover([line], at=AT)
            keys = list(Demand.objects.filter(order_line_id=line.order_line_id).values_list("pk", flat=True))
            Demand.objects.filter(pk__in=keys).update(quantity=1)
            promise_release.trim(keys)

    def receive_and_move(number: int) -> None:
        for source, destination in [(supplier, storage), (storage, quality)] * 4:
            move = Move(world.product.pk, source, destination, 3, lot_id=batch.pk)
            try:
                movement.post([move], at=AT, document_type="test", document_id=uuid7())
            except NotEnoughStock:
                assert source == storage

    def pick(number: int) -> None:
        for _ in range(4):
            try:
                picking.confirm(wave.release(world.warehouse.pk, by=BY, at=AT).pk, by=BY, at=AT)
            except NothingToPick:
                continue

    def recount(number: int) -> None:
        for counted in (55, 70, 65, 80):
            found = Found(storage, world.product.pk, counted, lot_id=batch.pk)
            count.adjust(found, reason="count", by=BY, at=AT)

    works = [reserve_and_release, reserve_and_release, receive_and_move, pick, reserve_and_release, recount]
    at_once(lambda number: works[number % len(works)](number))
    assert check(NAMES) == []
    assert Quant.objects.get(location_id=storage).on_hand >= 0
    assert not Reservation.objects.filter(quantity__lt=1).exists()


def promise_the_last_ten_at_once(world: World) -> list[int]:
    world.stock(10)
    lines = [world.demand_line(10) for _ in range(4)]
    keys = [demand._record([line], at=AT)[line.order_line_id] for line in lines]
    answers = at_once(lambda number: promise.make([keys[number]], at=AT), writers=4)
    return sorted(sum(answer.values()) for answer in answers)


def test_the_last_goods_are_promised_once(world: World) -> None:
    assert promise_the_last_ten_at_once(world) == [0, 0, 0, 10]
    assert check(NAMES) == []


def test_the_guard_of_goods_holds_without_the_lock(world: World) -> None:
    """Goods chosen on what four writers saw before any wrote: only as much as there is gets reserved."""
    quant = world.stock(40)
    lines = [world.demand_line(10) for _ in range(4)]
    demand.cover(lines, at=AT)
    storage, loss = world.places["STORAGE"].pk, world.places["LOSS"].pk
    movement.post(
        [Move(world.product.pk, storage, loss, 28)], at=AT, document_type="test", document_id=uuid7()
    )
    mutate(
        "promise_allocate.sql",
        (
            "PERFORM FROM warehousing_quant quant WHERE",
            "PERFORM pg_sleep(0.3) FROM warehousing_quant quant WHERE",
        ),
        ("ORDER BY quant.id FOR NO KEY UPDATE", "LIMIT 1"),
    )
    keys = list(Promise.objects.values_list("pk", flat=True))
    answers = at_once(lambda number: reservation.allocate([keys[number]], at=AT), writers=4)
    quant.refresh_from_db()
    assert sum(sum(answer.values()) for answer in answers) == quant.reserved == quant.on_hand == 12
    assert check(NAMES) == []


def test_balances_that_come_and_go_are_pruned_without_a_loss(world: World) -> None:
    """While some carry all goods of a place away and back, others drop what is empty."""
    lots = [world.lot() for _ in range(4)]
    for lot in lots:
        world.stock(3, lot=lot)
    here, there = world.places["STORAGE"].pk, world.places["STAGING"].pk

    def work(number: int) -> int:
        if number < 2:
            return sum(empty_stock.prune() for _ in range(3 * ROUNDS))
        for turn in range(ROUNDS):
            ends = (here, there) if turn % 2 == 0 else (there, here)
            move = Move(world.product.pk, *ends, 3, lot_id=lots[number % 4].pk)
            with suppress(NotEnoughStock):  # another one carried it first
                movement.post([move], at=AT, document_type="test", document_id=uuid7())
        return 0

    at_once(work, 6)
    empty_stock.prune()
    assert not Quant.objects.filter(on_hand=0).exists()
    assert sum(Quant.objects.values_list("on_hand", flat=True)) == 12
    assert rebuild.check().wrong == 0
    assert check(NAMES) == []
