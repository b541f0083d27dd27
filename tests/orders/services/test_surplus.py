"""What rounding buys beyond the need belongs to somebody: platform stock, or the next cycle, which takes it first."""

from datetime import timedelta
from decimal import Decimal

import pytest

from b2b.contracts.orders import SupplyAllocated
from b2b.contracts.warehousing import ReceivedLine
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db import invariants
from orders.models import CostShare, Peg, PriceBreak, PurchaseOrderLine, SavingsStatementLine
from orders.policies.fair_share import UnknownPolicy
from orders.services import cost_voucher, goods_receipt, order_cycle, purchase_order
from orders.services.purchase_order import Answer
from tests.factories import catalog
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


def test_goods_of_two_prices_cost_their_sum_to_the_cent():
    """1 at 1.005 and 2 at 1.505 are 4.015, rounded once: their mean is no number of the decimal system."""
    market = made.trade(dealers=2, breaks=((1, "1.005"),), multiple=10)
    wish_of_nine = made.cycle(market, policy={"surplus": "NEXT_CYCLE"})
    wish(market, 9)
    close(wish_of_nine)
    PriceBreak.objects.update(unit_price="1.505")
    following = next_cycle(market)
    wanted(market, 3)
    close_next(following)
    stated = SavingsStatementLine.objects.get(statement__cycle=following)
    assert (stated.quantity, stated.baseline, stated.pooled) == (3, Decimal("4.52"), Decimal("4.02"))


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


def test_freight_of_goods_from_an_earlier_surplus_is_told_where_their_saving_was(market):
    first = made.cycle(market, policy={"surplus": "NEXT_CYCLE"})
    wish(market, 13)
    other = catalog.products(1)[0]
    made.agreement(market.maker, other, ((1, "10"),))
    made.source(market.maker, other)
    market.products.append(other)
    made.order(market, {1: 2}, dealer=1)  # so that the second dealer has a statement of the first cycle too
    with clock.travel(LATER):
        [placed] = order_cycle.close(first, by=BY, at=LATER)
    purchase_order.respond(placed, by=market.factory_actor, at=LATER)
    cycle = next_cycle(market)
    wanted(market, 1, 4)
    close_next(cycle)
    peg = Peg.objects.get(purchase_order_line__purchase_order=placed, order_line__dealer=market.dealers[1],
                          order_line__product=market.products[0])  # fmt: skip
    part = ReceivedLine(
        purchase_order_line_id=peg.purchase_order_line_id,
        product_id=market.products[0].pk,
        accepted_quantity=20,
        rejected_quantity=0,
    )
    goods_receipt.note(placed.pk, lines=[part], receipt_id=uuid7(), by=BY, at=NOW + 5 * DAY)
    with acting_as(BY):
        voucher = cost_voucher.plan(kind="FREIGHT", basis="QUANTITY", amount=Money(Decimal(6), "CNY"),
                                    purchase_order=placed, by=BY, at=LATER)  # fmt: skip
        cost_voucher.share(voucher, by=BY, at=LATER)
    assert CostShare.objects.get(peg=peg).cycle_id == cycle.pk
    assert not invariants.check(["orders.charges"])
