from datetime import datetime, timedelta

from b2b.db.invariants import check
from tests.factories.warehousing import BY, World
from warehousing.models import Demand, PickTask, Promise, PromiseBook, Quant, Reservation
from warehousing.selectors.invariants import compare_stock
from warehousing.services import demand, picking, wave

NAMES = [
    *("stock.quants", "stock.reserved", "stock.demand", "stock.movements"),
    *("promise.books", "promise.bands", "promise.goods"),
]


def test_everything_agrees_after_work(world: World, at: datetime) -> None:
    world.stock(10)
    demand.cover([world.demand_line(4), world.demand_line(9)], at=at)
    picking.confirm(wave.release(world.warehouse.pk, by=BY, at=at).pk, picked={1: 2}, by=BY, at=at)
    assert check(NAMES) == []
    assert compare_stock().compared > 0
    assert compare_stock().differences == ()


def test_a_balance_that_left_the_ledger_is_found(world: World) -> None:
    world.stock(10)
    Quant.objects.update(on_hand=9)
    assert [broken.invariant.name for broken in check(NAMES)] == ["stock.quants"]
    [difference] = compare_stock().differences
    assert (difference.kind, difference.expected, difference.found) == ("on_hand", "10", "9")


def test_a_balance_that_vanished_is_found(world: World) -> None:
    world.stock(10).delete()
    assert [broken.invariant.name for broken in check(NAMES)] == ["stock.quants"]


def test_a_reservation_that_vanished_is_found(world: World, at: datetime) -> None:
    world.stock(10)
    world.released(4)
    PickTask.objects.all().delete()
    Reservation.objects.all().delete()
    assert [broken.invariant.name for broken in check(NAMES)] == ["stock.reserved"]
    assert [difference.kind for difference in compare_stock().differences] == ["reserved"]


def test_a_demand_that_holds_too_much_is_found(world: World, at: datetime) -> None:
    world.stock(10)
    demand.cover([world.demand_line(4)], at=at)
    Demand.objects.update(quantity=3)
    assert [broken.invariant.name for broken in check(NAMES)] == ["stock.demand"]


def test_a_book_that_left_its_promises_is_found(world: World, at: datetime) -> None:
    world.stock(10)
    demand.cover([world.demand_line(4, need_by_date=at.date() + timedelta(days=5))], at=at)
    PromiseBook.objects.update(promised=5)
    assert [broken.invariant.name for broken in check(NAMES)] == ["promise.books"]


def test_a_promise_with_too_many_goods_is_found(world: World, at: datetime) -> None:
    world.released(4)
    Promise.objects.update(quantity=3)  # the books follow
    Demand.objects.update(quantity=3)
    assert [broken.invariant.name for broken in check(NAMES)] == ["promise.goods"]
