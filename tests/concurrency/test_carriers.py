"""Many people at the dock at once: nobody carries what somebody else carries, and nothing is left."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from b2b.core.actor import OPERATOR, Actor, acting_as, system
from b2b.db.invariants import check
from tests.factories.warehousing import AT, BY, World, product
from warehousing.models import Location, PutawayTask, Quant, Warehouse
from warehousing.services import putaway_task, receipt
from warehousing.services.putaway_task import Carried, NotYours

PEOPLE = 6
GOODS = 30


@pytest.fixture
def world(committed_db: str) -> Any:
    with acting_as(system("test")):
        made = World.build()
        Warehouse.objects.update(directs_putaway=True)
        lines = [(product(), 5) for _ in range(GOODS)]
        receipt.receive(receipt.expect(made.advice(*lines), by=BY, at=AT).pk, by=BY, at=AT)
        assert PutawayTask.objects.filter(status="OPEN").count() == GOODS
        yield made


def at_once(work: Any) -> list[Any]:
    start = Barrier(PEOPLE)

    def run(number: int) -> Any:
        try:
            with acting_as(system("floor")):
                start.wait(timeout=30)
                return work(Actor(kind=OPERATOR, name=f"carrier {number}"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(PEOPLE) as pool:
        return list(pool.map(run, range(PEOPLE)))


def test_everything_is_carried_once(world: World) -> None:
    def carry(who: Actor) -> list[int]:
        done: list[int] = []
        while tasks := putaway_task.claim(world.warehouse.pk, count=2, by=who, at=AT):
            putaway_task.confirm([Carried(task.pk) for task in tasks], by=who, at=AT)
            done += [task.pk for task in tasks]
        return done

    carried = Counter(key for keys in at_once(carry) for key in keys)
    # Tasks somebody was about to take were passed over, by all at the end perhaps: the last one takes them.
    with acting_as(system("test")):
        rest = putaway_task.claim(world.warehouse.pk, count=GOODS, by=BY, at=AT)
        if rest:
            putaway_task.confirm([Carried(task.pk) for task in rest], by=BY, at=AT)
    carried.update(task.pk for task in rest)
    assert (len(carried), set(carried.values())) == (GOODS, {1})
    assert not Quant.objects.filter(location__kind="RECEIVING", on_hand__gt=0).exists()
    assert Quant.objects.filter(location__kind=Location.Kind.STORAGE, on_hand=5).count() == GOODS
    assert check(["stock.quants", "stock.movements"]) == []


def test_one_task_is_nobody_elses_to_confirm(world: World) -> None:
    [task] = putaway_task.claim(world.warehouse.pk, by=BY, at=AT)

    def confirm(who: Actor) -> bool:
        try:
            putaway_task.confirm([Carried(task.pk)], by=who, at=AT)
        except NotYours:
            return False
        return True

    assert not any(at_once(confirm))
    assert PutawayTask.objects.get(pk=task.pk).status == "CLAIMED"
