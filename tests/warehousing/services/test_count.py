"""Adjustments: a reason, and a second person for what is much."""

from __future__ import annotations

from datetime import timedelta

import pytest

from b2b.core.actor import OPERATOR, Actor
from b2b.core.errors import Invalid, NotFound
from b2b.db.invariants import check
from tests.factories.warehousing import AT, World
from warehousing.models import CountLine, CycleCount, Promise, Quant, Reservation, StockLedgerEntry
from warehousing.services import count, cycle_count, demand, reservation
from warehousing.services.cycle_count import Found, SameEyes
from warehousing.services.movement import ClosedLocation

ANN, BOB = (Actor(kind=OPERATOR, organization_id=1, user_id=number) for number in (1, 2))
NAMES = ["stock.quants", "stock.reserved", "stock.demand", "stock.movements"]


def adjust(
    world: World, counted: int, *, reason: str = "broken", by: Actor = ANN, days: int = 0
) -> CountLine:
    found = Found(world.places["STORAGE"].pk, world.product.pk, counted)
    return count.adjust(found, reason=reason, by=by, at=AT + timedelta(days=days))


def on_shelf() -> int:
    return Quant.objects.get(location__kind="STORAGE").on_hand


def test_the_books_say_what_is_there_and_why(world: World) -> None:
    world.stock(10)
    assert [adjust(world, counted).variance for counted in (7, 12, 12)] == [-3, 5, 0]
    assert on_shelf() == 12
    assert set(StockLedgerEntry.objects.filter(kind="COUNT").values_list("reason", flat=True)) == {"broken"}
    assert set(CycleCount.objects.values_list("status", "reason")) == {("DONE", "broken")}
    assert check(NAMES) == []


def test_above_the_limit_nothing_is_booked_before_somebody_else_approves(world: World) -> None:
    world.stock(500)
    line = adjust(world, 399)
    assert (line.status, line.variance, on_shelf()) == ("HELD", -101, 500)
    with pytest.raises(SameEyes):
        cycle_count.approve(line.cycle_count_id, 1, reason="so it is", by=ANN, at=AT)
    cycle_count.approve(line.cycle_count_id, 1, reason="saw the rubble", by=BOB, at=AT)
    assert on_shelf() == 399
    assert StockLedgerEntry.objects.filter(reason="broken; saw the rubble").count() == 2


def test_many_small_steps_are_one_large_one(world: World) -> None:
    world.stock(500)
    assert [adjust(world, counted).status for counted in (440, 500, 460)] == ["BOOKED", "HELD", "BOOKED"]
    assert adjust(world, 459, by=BOB).status == "BOOKED"
    assert adjust(world, 400, days=2).status == "BOOKED"


def test_what_demands_hold_is_not_taken_by_one_person(world: World) -> None:
    world.stock(10)
    demand.cover([world.demand_line(8)], at=AT)
    reservation.allocate(list(Promise.objects.values_list("pk", flat=True)), at=AT)
    line = adjust(world, 4)
    assert (line.status, on_shelf()) == ("HELD", 10)
    cycle_count.approve(line.cycle_count_id, 1, reason="gone", by=BOB, at=AT)
    assert (on_shelf(), Reservation.objects.get(status="ACTIVE").quantity) == (4, 4)
    assert check(NAMES) == []


def test_an_adjustment_nobody_believes_is_counted(world: World) -> None:
    world.stock(500)
    line = adjust(world, 0)
    cycle_count.reject(line.cycle_count_id, 1, reason="they are there", by=BOB)
    found = Found(world.places["STORAGE"].pk, world.product.pk, 500)
    assert cycle_count.tell(line.cycle_count_id, found, by=BOB, at=AT).status == "BOOKED"
    assert on_shelf() == 500


def test_goods_nobody_knew_of_are_found(world: World) -> None:
    assert (adjust(world, 5, reason="behind the rack").variance, on_shelf()) == (5, 5)


@pytest.mark.parametrize(("counted", "reason"), [(-1, "less than nothing"), (3, "  ")])
def test_no_reason_no_adjustment(world: World, counted: int, reason: str) -> None:
    world.stock(10)
    with pytest.raises(Invalid):
        adjust(world, counted, reason=reason)
    assert not CycleCount.objects.exists()


def test_only_real_and_open_places_are_adjusted(world: World) -> None:
    with pytest.raises(NotFound):
        count.adjust(Found(world.places["LOSS"].pk, world.product.pk, 1), reason="?", by=ANN, at=AT)
    place = world.places["STORAGE"]
    place.is_active = False
    place.save()
    with pytest.raises(ClosedLocation):
        adjust(world, 1)
