"""Whoever promises, chooses goods, trims, picks short, counts, blocks and packs locks in one order: no deadlocks.

Real processes, many lots of few products, sets in any order. The database itself counts deadlocks; services would try
again and hide them.
"""

from __future__ import annotations

import multiprocessing
import random
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, connections

from b2b.core.actor import acting_as, system
from b2b.core.errors import Invalid
from b2b.core.machine import IllegalTransition
from b2b.db.bulk import fetch_value
from b2b.db.invariants import check
from b2b.db.transactions import Busy
from tests.factories.warehousing import AT, BY, World, product
from warehousing.models import Demand, Lot, PickTask, Quant, Wave
from warehousing.services import (
    count,
    demand,
    lot,
    packing,
    picking,
    promise_release,
    reservation,
    wave,
)
from warehousing.services.cycle_count import Found
from warehousing.services.lot import StillRecalled
from warehousing.services.movement import NotEnoughStock
from warehousing.services.packing import NotReady
from warehousing.services.picking import Expired, Quarantined
from warehousing.services.wave import NothingToPick

PROCESSES = 6
TURNS = 16
NAMES = [
    "stock.quants",
    "stock.reserved",
    "stock.demand",
    "stock.movements",
    "promise.books",
    "promise.bands",
]
REFUSED = (
    Busy,
    Invalid,
    NotEnoughStock,
    NothingToPick,
    IllegalTransition,
    NotReady,
    StillRecalled,
    Quarantined,
    Expired,
)


@pytest.fixture
def world(committed_db: str) -> Any:
    """Three products of eight lots each, two or three units a lot, so that a set has to look at many."""
    with acting_as(system("test")):
        made = World.build()
        items = [made.product, product(), product()]
        for turn in range(8):
            for item in items:
                made.stock(2 + turn % 2, of=item, lot=made.lot(of=item))
        yield made


class Writer:
    """One process that does whatever comes to its mind."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.chance = random.Random(number)
        self.products = list(
            Quant.objects.values_list("product_id", flat=True).distinct().order_by("product_id")
        )

    def ask(self) -> list[int]:
        """Want some of every product, in any order; return the demands."""
        keys = []
        for product_id in self.chance.sample(self.products, len(self.products)):
            line = self.world.demand_line(
                self.chance.randint(1, 5), product_id=product_id, order_line_id=self.chance.randint(1, 10**12)
            )
            demand.cover([line], at=AT)
            keys += Demand.objects.filter(order_line_id=line.order_line_id).values_list("pk", flat=True)
        return keys

    def allocate(self) -> None:
        reservation.allocate_demands(self.ask(), at=AT)

    def trim(self) -> None:
        keys = list(Demand.objects.order_by("?").values_list("pk", flat=True)[:8])
        for key in keys:
            Demand.objects.filter(pk=key).update(quantity=1)
        promise_release.trim(keys)

    def pick(self) -> None:
        """Release a wave, find all but one unit of some picks, and pack the rest."""
        made = wave.release(self.world.warehouse.pk, by=BY, at=AT)
        tasks = PickTask.objects.filter(wave=made, status="OPEN").values_list("task_number", "quantity")
        found = {task: quantity - self.chance.randint(0, 1) for task, quantity in tasks}
        picking.confirm(made.pk, picked=found, by=BY, at=AT)
        made = Wave.objects.get(pk=made.pk)
        if made.status == "PICKED":
            packing.pack(made.pk, by=BY, at=AT)

    def recount(self) -> None:
        quant = Quant.objects.filter(location__kind="STORAGE").order_by("?")[0]
        counted = max(0, quant.on_hand + self.chance.randint(-1, 1))
        found = Found(quant.location_id, quant.product_id, counted, lot_id=quant.lot_id)
        count.adjust(found, reason="count", by=BY, at=AT)

    def block(self) -> None:
        one = Lot.objects.order_by("?")[0]
        if one.status == "RELEASED":
            lot.quarantine(one.pk, reason="test", at=AT)
        else:
            lot.release(one.pk, reason="test")

    def run(self) -> None:
        works = [
            self.allocate,
            self.allocate,
            self.allocate,
            self.trim,
            self.trim,
            self.pick,
            self.recount,
            self.block,
        ]
        for _ in range(TURNS):
            with suppress(*REFUSED):
                self.chance.choice(works)()


def _work(world: World, number: int) -> None:
    with acting_as(system(f"writer {number}")):
        Writer(world, number).run()
    connections.close_all()


def deadlocks() -> int:
    """How many the database has met; the counts of processes that are gone are in."""
    connections.close_all()
    return int(fetch_value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))


def test_the_database_meets_no_deadlock(world: World) -> None:
    before = deadlocks()
    connections.close_all()  # a process opens its own
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_work, args=(world, number)) for number in range(PROCESSES)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * PROCESSES
    with acting_as(system("test")):
        assert deadlocks() - before == 0
        assert check(NAMES) == []
        assert Demand.objects.count() > PROCESSES
    connection.close()
