"""Many pickers at once: nobody gets what somebody else has, and nothing is picked twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from b2b.core.actor import acting_as, system
from b2b.db.invariants import check
from tests.factories.warehousing import AT, BY, World, product
from warehousing.models import Pick, PickList, PickTask, Quant, Wave
from warehousing.services import demand, pick, wave
from warehousing.services.wave import NothingToPick, Plan

PICKERS = 8
LISTS = 24


@pytest.fixture
def world(committed_db: str) -> Any:
    with acting_as(system("test")):
        made = World.build()
        goods = [product() for _ in range(LISTS * 2)]
        for item in goods:
            made.stock(10, of=item)
        demand.cover([made.demand_line(3, of=item) for item in goods], at=AT)
        wave.release(made.warehouse.pk, plan=Plan(list_size=2), by=BY, at=AT)
        yield made


def at_once(work: Any) -> list[Any]:
    start = Barrier(PICKERS)

    def run(number: int) -> Any:
        try:
            with acting_as(system(f"picker {number}")):
                start.wait(timeout=30)
                return work(f"picker {number}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(PICKERS) as pool:
        return list(pool.map(run, range(PICKERS)))


def test_two_pickers_never_get_the_same_list(world: World) -> None:
    def claim_and_leave(picker: str) -> list[int]:
        """Claim under a new name each time, so that each claim is of a further list."""
        names = (f"{picker}.{turn}" for turn in range(LISTS // PICKERS))
        return [pick.claim(world.warehouse.pk, picker=name, at=AT).pk for name in names]

    claimed = Counter(key for keys in at_once(claim_and_leave) for key in keys)
    assert len(claimed) == LISTS
    assert set(claimed.values()) == {1}
    assert not PickList.objects.filter(picker="").exists()


def test_a_wave_is_picked_once_by_all_of_them(world: World) -> None:
    def work(picker: str) -> int:
        done = 0
        while True:
            try:
                held = pick.claim(world.warehouse.pk, picker=picker, at=AT)
            except NothingToPick:
                return done
            for task in held.tasks.filter(status="OPEN").order_by("task_number"):
                pick.confirm(task.pk, quantity=3, picker=picker, by=BY, at=AT)
                done += 1

    assert sum(at_once(work)) == LISTS * 2 == Pick.objects.count()
    assert Wave.objects.get().status == "PICKED"
    assert set(PickTask.objects.values_list("status", "picked_quantity")) == {("PICKED", 3)}
    assert check(["stock.quants", "stock.reserved", "stock.demand", "stock.movements"]) == []
    assert sum(Quant.objects.filter(location__kind="STAGING").values_list("on_hand", flat=True)) == LISTS * 6


def test_an_abandoned_list_is_taken_over_by_one(world: World) -> None:
    held = pick.claim(world.warehouse.pk, picker="gone", at=AT)
    PickList.objects.exclude(pk=held.pk).update(picker="busy", claimed_until=AT + timedelta(days=1))

    def claim(picker: str) -> int | None:
        try:
            return pick.claim(world.warehouse.pk, picker=picker, at=AT + pick.LEASE).pk
        except NothingToPick:
            return None

    assert sorted(map(str, at_once(claim))) == sorted([str(held.pk), *["None"] * (PICKERS - 1)])
