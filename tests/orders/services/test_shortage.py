"""What a factory cannot fill is shared by the declared rule."""

from datetime import timedelta

import pytest

from b2b.contracts.orders import SupplyAllocated
from b2b.core import clock
from b2b.core.actor import system
from orders.models import (
    AllocationResult,
    Leftover,
    Peg,
)
from orders.services import (
    order,
    order_cycle,
    purchase_order,
)
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.orders.services.steps import LATER, close, lines_of, short_cycle, told

pytestmark = pytest.mark.django_db


def test_a_shortage_is_shared_and_the_rest_waits_for_the_next_cycle():
    market, orders, _placed = short_cycle(50)
    assert [(line.allocated, line.pooled, line.unpooled) for line in lines_of(*orders)] == [
        (13, 13, 12),
        (17, 17, 18),
        (20, 20, 20),
    ]
    result = AllocationResult.objects.order_by("pk").first()
    assert (result.entitlement_numerator, result.entitlement_denominator, result.rounded) == (25, 2, 13)
    assert [part.quantity for part in told(SupplyAllocated)[0].allocations] == [13, 17, 20]
    following = made.cycle(market, at=LATER, hours=48)
    with clock.travel(LATER + timedelta(hours=49)):
        [again] = order_cycle.close(following, by=system("test"), at=LATER + timedelta(hours=49))
    assert again.lines.get().quantity == 50
    assert {line.cycle_id for line in lines_of(*orders)} == {following.pk}


def test_what_waits_stays_in_its_cycle_by_name_until_it_has_all_been_taken():
    market, orders, placed = short_cycle(50)
    [rest] = Leftover.objects.values_list("factory_id", "product_id", "cycle_id")
    assert rest == (market.maker.pk, market.products[0].pk, placed.cycle_id)
    assert {line.cycle_id for line in lines_of(*orders)} == {placed.cycle_id}
    abroad = made.cycle(market, at=LATER, hours=48, currency="EUR")
    following = made.cycle(market, at=LATER, hours=49)
    with clock.travel(LATER + timedelta(hours=50)):
        for cycle, left in ((abroad, 1), (following, 0)):
            order_cycle.close(cycle, by=system("test"), at=LATER + timedelta(hours=50))
            assert Leftover.objects.count() == left


def test_an_order_of_which_nothing_comes_may_still_be_cancelled():
    market, orders, placed = short_cycle(0)
    withdrawn = order.cancel(orders[0], by=market.dealer_actor(0), at=LATER)
    assert withdrawn.status == "CANCELLED"
    assert Leftover.objects.filter(cycle=placed.cycle_id).exists()


def test_a_later_response_replaces_the_earlier():
    market, orders, placed = short_cycle(50)
    purchase_order.respond(placed, answers=[Answer(1, 90)], by=market.factory_actor, at=LATER)
    assert sum(line.allocated for line in lines_of(*orders)) == 90
    assert all(line.pooled == line.allocated for line in lines_of(*orders))
    purchase_order.respond(placed, answers=[Answer(1, 20)], by=market.factory_actor, at=LATER)
    assert sum(line.allocated for line in lines_of(*orders)) == 20
    assert [event.version for event in told(SupplyAllocated)] == [1, 2, 3]


def test_a_rejected_purchase_order_gives_everything_back():
    _market, orders, placed = short_cycle(0)
    placed.refresh_from_db()
    assert placed.status == "REJECTED"
    assert [line.unpooled for line in lines_of(*orders)] == [25, 35, 40]


def test_surplus_gives_way_to_dealers():
    market = made.trade(breaks=((1, "10"), (100, "8")))
    cycle = made.cycle(market)
    made.order(market, [90])
    placed = close(cycle)
    purchase_order.respond(placed, answers=[Answer(1, 95)], by=market.factory_actor, at=LATER)
    assert sorted(Peg.objects.values_list("allocated", flat=True)) == [5, 90]


def test_only_its_factory_responds_and_within_the_order():
    market = made.trade()
    cycle = made.cycle(market)
    made.order(market, [10])
    placed = close(cycle)
    with pytest.raises(order.Forbidden):
        purchase_order.respond(placed, by=made.trade().factory_actor, at=LATER)
    with pytest.raises(purchase_order.InvalidResponse) as refused:
        purchase_order.respond(
            placed, answers=[Answer(1, 11), Answer(2, 1)], by=market.factory_actor, at=LATER
        )
    assert [problem.pointer for problem in refused.value.problems] == ["/lines/0", "/lines/1"]
