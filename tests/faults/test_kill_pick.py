"""kill -9 while a pick is confirmed: afterwards nothing was picked, and the pick can be confirmed as if never tried."""

from __future__ import annotations

import os
import select
import signal
from typing import Any

import pytest
from django.db import connections

from b2b.core.actor import acting_as, system
from b2b.db.invariants import check
from tests.factories.warehousing import AT, BY, World
from warehousing.models import Pick, PickTask, Quant
from warehousing.services import demand, movement, pick, picking, shortfall, wave

PATIENCE_S = 60
SOUND = ["stock.quants", "stock.reserved", "stock.demand", "stock.movements"]
STEPS = {
    "after the goods were moved": (movement, "post"),
    "after the pick was recorded": (picking, "_record"),
    "after the order was told": (shortfall, "tell"),
}


@pytest.fixture
def task(committed_db: str) -> Any:
    with acting_as(system("test")):
        world = World.build()
        world.stock(10)
        demand.cover([world.demand_line(6)], at=AT)
        wave.release(world.warehouse.pk, by=BY, at=AT)
        held = pick.claim(world.warehouse.pk, picker="ann", at=AT)
        yield held.tasks.get()


def killed_at(step: str, task: PickTask) -> None:
    """Report the pick short in another process, and kill it inside the transaction."""
    module, name = STEPS[step]
    ready, tell = os.pipe()
    connections.close_all()
    child = os.fork()
    if child == 0:
        real = getattr(module, name)

        def stop(*given: Any, **named: Any) -> Any:
            real(*given, **named)
            os.write(tell, b"!")
            signal.pause()

        setattr(module, name, stop)
        with acting_as(system("picker")):
            pick.short(task.pk, quantity=4, picker="ann", by=BY, at=AT)
        os._exit(1)
    try:
        assert select.select([ready], [], [], PATIENCE_S)[0], "the pick never came so far"
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ready)
        os.close(tell)


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_pick_never_was_and_can_be_done_again(task: PickTask, step: str) -> None:
    killed_at(step, task)
    assert not Pick.objects.exists()
    assert PickTask.objects.get().status == "OPEN"
    assert list(Quant.objects.filter(on_hand__gt=0).values_list("on_hand", "reserved")) == [(10, 6)]
    done = pick.short(task.pk, quantity=4, picker="ann", by=BY, at=AT)
    assert (done.status, done.picked_quantity) == ("PICKED", 4)
    assert Pick.objects.get().short_quantity == 2
    assert check(SOUND) == []
