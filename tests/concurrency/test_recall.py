"""A recall and a packer at the same moment: whoever is second sees what the first did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch_value
from b2b.db.transactions import unit_of_work
from tests.factories.warehousing import AT, BY, World
from tests.support.eventually import eventually
from warehousing.models import Lot, Quant, RecallFinding, RecallNotice, Wave
from warehousing.services import demand, packing, picking, recall, wave

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture
def world(committed_db: str) -> Iterator[World]:
    with acting_as(system("test")):
        yield World.build()


@pytest.fixture
def picked(world: World) -> tuple[Wave, Lot]:
    """Six of a lot in staging."""
    batch = world.lot()
    world.stock(10, lot=batch)
    demand.cover([world.demand_line(6)], at=AT)
    work = wave.release(world.warehouse.pk, by=BY, at=AT)
    return picking.confirm(work.pk, by=BY, at=AT), batch


def beside(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """Do the first, let the second wait for it, then let both end."""

    def run() -> Any:
        try:
            with acting_as(BY):
                return second()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with unit_of_work():
            done = first()
            after: Future[Any] = pool.submit(run)
            eventually(lambda: after.done() or fetch_value(WAITING))
        return done, after.result()


def test_who_packs_after_a_recall_puts_the_goods_back(picked: tuple[Wave, Lot]) -> None:
    work, batch = picked
    _, packages = beside(
        lambda: recall.open_([batch.pk], reason="glass", by=BY, at=AT),
        lambda: packing.pack(work.pk, by=BY, at=AT),
    )
    assert packages == []
    assert not Quant.objects.filter(location__kind="STAGING", on_hand__gt=0).exists()


def test_a_recall_finds_what_was_being_packed(world: World, picked: tuple[Wave, Lot]) -> None:
    work, batch = picked
    [package], made = beside(
        lambda: packing.pack(work.pk, by=BY, at=AT),
        lambda: recall.open_([batch.pk], reason="glass", by=BY, at=AT),
    )
    assert [row["sscc"] for row in RecallFinding.objects.get(recall=made).found["staged"]] == [package.sscc]
    assert RecallNotice.objects.get(recall=made).dealer_id == world.dealer.pk
