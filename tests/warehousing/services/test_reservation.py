from datetime import date, datetime, timedelta

import pytest

from tests.factories.warehousing import World, product
from warehousing.models import Demand, Promise, PromiseBook, Quant, Reservation
from warehousing.services import demand, lot, promise, promise_release, reservation


def promised() -> int:
    return sum(PromiseBook.objects.values_list("promised", flat=True))


def allocated(at: datetime) -> int:
    """Choose goods for all that is promised."""
    return sum(reservation.allocate(Promise.objects.values_list("pk", flat=True), at=at).values())


def covered(world: World, quantity: int, at: datetime, **fields: object) -> int:
    [answer] = demand.cover([world.demand_line(quantity, **fields)], at=at).values()
    return answer


def test_what_is_free_is_promised_and_no_more(world: World, at: datetime) -> None:
    quant = world.stock(10)
    assert covered(world, 7, at) == 7
    assert covered(world, 7, at) == 3
    assert covered(world, 7, at) == 0
    quant.refresh_from_db()
    assert (quant.reserved, promised()) == (0, 10)
    assert allocated(at) == 10
    assert allocated(at) == 0
    quant.refresh_from_db()
    assert (quant.on_hand, quant.reserved) == (10, 10)


def test_asking_again_answers_the_same_and_takes_what_has_become_free(world: World, at: datetime) -> None:
    world.stock(4)
    line = world.demand_line(10)
    assert demand.cover([line], at=at) == {line.order_line_id: 4}
    assert demand.cover([line], at=at) == {line.order_line_id: 4}
    world.stock(20)
    assert demand.cover([line], at=at) == {line.order_line_id: 10}
    assert Demand.objects.count() == 1


def test_first_expired_goes_first(world: World, at: datetime) -> None:
    late, soon = world.lot(date(2027, 1, 1)), world.lot(date(2026, 6, 1))
    world.stock(10, lot=late)
    world.stock(10, lot=soon)
    world.stock(10)
    covered(world, 12, at)
    allocated(at)
    taken = dict(Reservation.objects.values_list("quant__lot_id", "quantity"))
    assert taken == {soon.pk: 10, late.pk: 2}


def test_expired_goods_are_nobodys(world: World, at: datetime) -> None:
    world.stock(10, lot=world.lot(at.date()))
    assert covered(world, 5, at) == 0


def test_earlier_needs_are_served_first(world: World, at: datetime) -> None:
    world.stock(10)
    later = world.demand_line(8, need_by_date=date(2026, 5, 1))
    sooner = world.demand_line(8, need_by_date=date(2026, 4, 1))
    answer = demand.cover([later, sooner], at=at)
    assert answer == {later.order_line_id: 2, sooner.order_line_id: 8}


def test_a_quarantined_lot_cannot_be_reserved(world: World, at: datetime) -> None:
    batch = world.lot()
    world.stock(10, lot=batch)
    lot.quarantine(batch.pk, reason="seal broken", at=at)
    assert covered(world, 5, at) == 0
    lot.release(batch.pk, reason="seals checked")
    assert covered(world, 5, at) == 5


def test_a_quarantine_gives_demands_goods_from_elsewhere(world: World, at: datetime) -> None:
    batch = world.lot(at.date() + timedelta(days=90))
    bad = world.stock(10, lot=batch)
    good = world.stock(6)
    assert covered(world, 8, at) == 8
    allocated(at)
    lot.quarantine(batch.pk, reason="recall", at=at)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.reserved, good.reserved) == (0, 6)
    assert promised() == 8  # two wait for goods, and nobody is served before them
    world.stock(1)
    assert covered(world, 5, at) == 0
    world.stock(3)
    assert covered(world, 5, at) == 2


def test_a_cancelled_demand_gets_nothing(world: World, at: datetime) -> None:
    order = world.order((world.product, 5))
    demand.cancel(world.cancelled(order))
    world.stock(5)
    assert covered(world, 5, at, order_id=order.order_id) == 0


def test_ten_statements_whatever_the_lines(world: World, at: datetime, django_assert_max_num_queries) -> None:
    items = [product() for _ in range(40)]
    for item in items:
        world.stock(5, of=item)
    lines = [world.demand_line(3, of=item) for item in items for _ in range(5)]
    demand._record(lines, at=at)
    keys = list(Demand.objects.values_list("pk", flat=True))
    with django_assert_max_num_queries(10) as asked:
        promise.make(keys, at=at)
        kept = reservation.allocate_demands(keys, at=at)
    assert len(asked) <= 8  # the two of each of two savepoints among them
    assert sum(kept.values()) == 40 * 5
    assert Quant.objects.filter(reserved=5).count() == 40
    world.stock(5)
    [key] = demand._record([world.demand_line(3)], at=at).values()
    with django_assert_max_num_queries(len(asked)):
        promise.make([key], at=at)
        reservation.allocate_demands([key], at=at)


@pytest.mark.parametrize(("now", "kept"), [(8, 8), (3, 3), (0, 0)])
def test_trimming_gives_back_what_is_not_wanted_any_more(
    world: World, at: datetime, now: int, kept: int
) -> None:
    first, second = world.stock(5, lot=world.lot(date(2026, 9, 1))), world.stock(5)
    covered(world, 10, at)
    allocated(at)
    Demand.objects.update(quantity=now)
    [key] = Demand.objects.values_list("pk", flat=True)
    assert promise_release.trim([key]) == {key: 10 - kept}
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.reserved + second.reserved == kept
    assert first.reserved == min(5, kept)  # the newest reservation was given up first
    assert promised() == kept
    assert promise_release.trim([key]) == {}
