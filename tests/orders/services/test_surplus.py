"""What rounding buys beyond the need belongs to somebody: platform stock, or the next cycle, which takes it first."""

from datetime import timedelta

import pytest

from b2b.contracts.orders import SupplyAllocated
from b2b.core import clock
from b2b.core.actor import system
from orders.models import Peg, PurchaseOrderLine, SavingsStatementLine
from orders.policies.fair_share import UnknownPolicy
from orders.services import order_cycle, purchase_order
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close, lines_of, send, take_in, told
from tests.orders.services.wishes import line, wish

pytestmark = pytest.mark.django_db
BY = system("test")
DAY = timedelta(days=1)


@pytest.fixture
def market():
    return made.trade(dealers=2, breaks=((1, "10"),), multiple=10)


@pytest.fixture
def first(market):
    """A cycle that needed 13 and bought 20: seven are the next cycle's."""
    cycle = made.cycle(market, policy={"surplus": "NEXT_CYCLE"})
    wish(market, 13)
    return cycle


def surplus():
    return list(Peg.objects.filter(order_line=None).values_list("surplus_owner", "pegged", "allocated"))


def next_cycle(market, **values):
    """A cycle that is open the day after."""
    return made.cycle(market, at=NOW + 2 * DAY, **values)


def close_next(cycle):
    at = NOW + 4 * DAY
    with clock.travel(at):
        return order_cycle.close(cycle, by=BY, at=at)


def wanted(market, *quantities, **row):
    at = NOW + 2 * DAY
    with clock.travel(at):
        return [
            wish(market, quantity, dealer=index % 2, at=at, **row)
            for index, quantity in enumerate(quantities)
        ]


def test_by_default_it_is_platform_stock(market):
    cycle = made.cycle(market)
    wish(market, 13)
    close(cycle)
    assert surplus() == [("PLATFORM", 7, 0)]
    assert close_next(next_cycle(market)) == []


def test_an_owner_nobody_knows_is_refused(market):
    with pytest.raises(UnknownPolicy, match="PLATFORM, NEXT_CYCLE"):
        made.cycle(market, policy={"surplus": "ME"})


def test_the_next_cycle_takes_it_before_it_buys(market, first):
    placed = close(first)
    assert surplus() == [("NEXT_CYCLE", 7, 0)]
    cycle = next_cycle(market)
    orders = wanted(market, 5, 9)
    [bought] = close_next(cycle)
    line_of = bought.lines.get()
    assert (line_of.quantity, line_of.surplus_quantity) == (10, 3)
    assert placed.lines.get().surplus_quantity == 0
    assert surplus() == [("NEXT_CYCLE", 0, 0), ("PLATFORM", 3, 0)]
    mine = Peg.objects.filter(order_line__order__in=orders).order_by("order_line_id", "pk")
    assert list(mine.values_list("order_line__quantity", "pegged")) == [(5, 5), (9, 2), (9, 7)]
    assert [one.pooled for one in lines_of(*orders)] == [5, 9]


def test_a_factory_that_answered_hears_nothing_and_the_warehouse_keeps_the_goods_for_their_dealers(
    market, first
):
    placed = close(first)
    purchase_order.respond(placed, answers=[Answer(1, 18)], by=market.factory_actor, at=LATER)
    assert surplus() == [("NEXT_CYCLE", 7, 5)]
    cycle = next_cycle(market)
    [order] = wanted(market, 5)
    assert close_next(cycle) == []
    found = line(order)
    assert (found.pooled, found.allocated, found.waiting_reason) == (5, 5, "")
    last = told(SupplyAllocated)[-1]
    assert [(one.order_line_id, one.quantity) for one in last.allocations][-1] == (found.pk, 5)
    send(market, placed, 18)
    take_in(placed, 18)
    assert line(order).received == 5


def test_what_has_come_in_already_is_on_the_shelf_and_counted_there(market, first):
    placed = close(first)
    purchase_order.respond(placed, by=market.factory_actor, at=LATER)
    send(market, placed, 20)
    take_in(placed, 20)
    cycle = next_cycle(market)
    wanted(market, 5)
    [bought] = close_next(cycle)
    assert bought.lines.get().quantity == 10


def test_it_is_paid_as_it_was_bought_and_the_saving_is_stated():
    market = made.trade(dealers=2, breaks=((1, "10"), (20, "8")), multiple=20)
    cycle = made.cycle(
        market, policy={"surplus": "NEXT_CYCLE", "sharing": {"dealer": 10_000, "platform": 0, "factory": 0}}
    )
    wish(market, 13)
    close(cycle)
    following = next_cycle(market, policy={"sharing": {"dealer": 10_000, "platform": 0, "factory": 0}})
    [order] = wanted(market, 5)
    assert close_next(following) == []
    assert line(order).unit_price == 8
    stated = SavingsStatementLine.objects.get(statement__cycle=following)
    assert (stated.quantity, stated.baseline, stated.dealer_share) == (5, 50, 10)


def test_a_need_with_a_ceiling_waits_for_the_price_of_the_pool(market, first):
    close(first)
    cycle = next_cycle(market)
    [order] = wanted(market, 5, max_unit_price="9")
    assert close_next(cycle) == []
    assert (line(order).waiting_reason, surplus()) == ("PRICE", [("NEXT_CYCLE", 7, 0)])


def test_a_cycle_of_another_warehouse_does_not_take_it(market, first):
    close(first)
    there = made.trade(dealers=0, products=0)
    market.warehouse = there.warehouse
    cycle = next_cycle(market)
    wanted(market, 5)
    [bought] = close_next(cycle)
    assert bought.lines.get().quantity == 10


def test_purchase_lines_know_how_much_of_them_nobody_ordered(market, first):
    close(first)
    cycle = next_cycle(market, policy={"surplus": "NEXT_CYCLE"})
    wanted(market, 3, 3)
    assert close_next(cycle) == []
    assert PurchaseOrderLine.objects.get().surplus_quantity == 1
