"""One purchase line per factory, product and need-by window; every unit of it has an owner."""

from datetime import timedelta

import pytest

from b2b.catalog.models import Product
from b2b.core.actor import acting_as, system
from b2b.core.errors import Forbidden
from orders.models import OrderCycle, Peg, ProductionSignal, PurchaseOrder, TermsChange
from orders.selectors import handling
from orders.services import handling as handlings
from orders.services import order_cycle
from tests.factories import directory
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close, close_all
from tests.orders.services.wishes import line, wish

pytestmark = pytest.mark.django_db
DUE = LATER.date() + timedelta(days=7)  # the soonest a factory delivers; a dealer has it so many days later


def day(after: int) -> str:
    return (DUE + timedelta(days=handling.DEFAULT_DAYS + after)).isoformat()


def pegs():
    return sorted(Peg.objects.values_list("order_line__dealer__code", "surplus_owner", "pegged"), key=str)


def test_two_requests_of_one_product_have_a_peg_each():
    """oca-pw#333: the second requester lost its link."""
    market = made.trade(breaks=((1, "10"),))
    cycle = made.cycle(market)
    orders = wish(market, 3), wish(market, 2, dealer=1)
    bought = close(cycle).lines.get()
    schedule = bought.schedule_lines.get()
    assert bought.quantity == schedule.quantity == 5
    assert {(peg.order_line_id, peg.schedule_line_id, peg.pegged) for peg in Peg.objects.all()} == {
        (line(orders[0]).pk, schedule.pk, 3),
        (line(orders[1]).pk, schedule.pk, 2),
    }


def test_the_minimum_holds_on_what_stock_leaves(shelf):
    """foodsoft#1296: minimum on the net, not on the gross."""
    market = made.trade(breaks=((1, "10"),), moq=5)
    cycle = made.cycle(market)
    shelf.free[market.products[0].pk] = 6
    wish(market, 7)
    bought = close(cycle).lines.get()
    assert (bought.quantity, bought.surplus_quantity) == (5, 4)
    assert [owner for _, owner, _ in pegs() if owner] == ["PLATFORM"]


def test_a_surplus_is_rounded_once_and_up_at_the_pack():
    """odoo#263663: 362.15 kg became 363; in grams nothing is rounded but the pack."""
    market = made.trade(breaks=((1, "0.01"),), multiple=50)
    cycle = made.cycle(market)
    wish(market, 362_150)
    wish(market, 30, dealer=1)
    bought = close(cycle).lines.get()
    assert (bought.quantity, bought.surplus_quantity) == (362_200, 20)


def test_needs_of_one_window_are_pooled_and_those_of_others_are_not():
    market = made.trade(breaks=((1, "10"), (50, "9")))
    cycle = made.cycle(market)
    soon = wish(market, 30, need_by_date=day(-2)), wish(market, 25, dealer=1)
    later = wish(market, 20, need_by_date=day(9)), wish(market, 10, dealer=1, need_by_date=day(12))
    lines = list(close(cycle).lines.order_by("window_number"))
    assert [(one.window_number, one.quantity, one.requested_date, one.unit_price) for one in lines] == [
        (0, 55, DUE, 9),
        (2, 30, DUE + timedelta(days=9), 10),
    ]
    for orders, bought in ((soon, lines[0]), (later, lines[1])):
        assert {peg.order_line_id for peg in bought.pegs.all()} == {line(order).pk for order in orders}


def test_no_date_goes_with_the_earliest_need():
    market = made.trade(breaks=((1, "10"),))
    cycle = made.cycle(market)
    wish(market, 5, need_by_date=day(20))
    wish(market, 4, dealer=1)
    assert close(cycle).lines.get().quantity == 9


def test_a_cycle_without_windows_pools_all_dates():
    market = made.trade(breaks=((1, "10"),))
    cycle = made.cycle(market, window_days=None)
    wish(market, 5, need_by_date=day(1))
    wish(market, 4, dealer=1, need_by_date=day(90))
    assert close(cycle).lines.get().quantity == 9


def test_the_surplus_goes_first_to_those_who_take_more(credit_book):
    market = made.trade(dealers=3, breaks=((1, "10"),), multiple=12)
    cycle = made.cycle(market)
    first = wish(market, 5, flex_up=3)
    second = wish(market, 9, dealer=1, flex_up=6)
    rigid = wish(market, 3, dealer=2)
    bought = close(cycle).lines.get()
    assert (bought.quantity, bought.surplus_quantity) == (24, 0)
    assert [line(order).pooled for order in (first, second, rigid)] == [7, 14, 3]
    grown = line(second)
    assert (grown.quantity, grown.requested, grown.flex_up, grown.net_amount) == (14, 14, 1, 140)
    second.refresh_from_db()
    assert second.total_net == 140


@pytest.mark.parametrize("flexible", [(3, 3), (1, 1), (5, 2)])
def test_the_parts_of_a_surplus_sum_to_it(flexible):
    market = made.trade(dealers=3, breaks=((1, "10"),), multiple=4)
    cycle = made.cycle(market)
    for dealer, flex_up in enumerate(flexible):
        wish(market, 3 + 5 * dealer, dealer=dealer, flex_up=flex_up)
    bought = close(cycle).lines.get()
    assert (bought.quantity, sum(peg.pegged for peg in bought.pegs.all())) == (12, 12)


def test_fewer_are_bought_where_that_avoids_a_surplus():
    market = made.trade(breaks=((1, "10"),), multiple=12)
    cycle = made.cycle(market)
    order, rival = wish(market, 14, flex_down=2), wish(market, 11, dealer=1)
    bought = close(cycle).lines.get()
    assert (bought.quantity, bought.surplus_quantity) == (24, 0)
    assert [(line(one).quantity, line(one).pooled, line(one).flex_down) for one in (order, rival)] == [
        (13, 13, 1),
        (11, 11, 0),
    ]


@pytest.fixture
def many():
    """Two factories that sell goods of one category to the same dealers, and a cycle of that category."""
    first = made.trade(products=2, breaks=((1, "10"),))
    second = made.trade(products=1, breaks=((1, "5"),), buyers=first.dealers)
    second.shops = first.shops
    Product.objects.update(category="tea")
    cycle = order_cycle.open(
        category="tea",
        warehouse=first.warehouse,
        opens_at=NOW,
        cutoff_at=NOW + timedelta(hours=24),
        by=system("test"),
        at=NOW,
    )
    return first, second, cycle


def test_a_cycle_of_a_category_places_an_order_at_each_factory(many):
    first, second, cycle = many
    orders = [wish(first, 3), wish(first, 4, product=1, dealer=1), wish(second, 5), wish(second, 6, dealer=1)]
    assert {line(order).cycle_id for order in orders} == {cycle.pk}
    placed = close_all(cycle)
    assert {(one.factory_id, one.lines.count(), one.total_net) for one in placed} == {
        (first.maker.pk, 2, 70),
        (second.maker.pk, 1, 55),
    }
    assert ProductionSignal.objects.filter(cycle=cycle).count() == 2
    assert {(one.pk, one.number) for one in close_all(cycle)} == {(one.pk, one.number) for one in placed}
    assert PurchaseOrder.objects.count() == 2


def test_a_line_joins_the_cycle_that_closes_first(many):
    first, _, category = many
    own = made.cycle(first, hours=12)
    assert line(wish(first, 3)).cycle_id == own.pk
    OrderCycle.objects.filter(pk=own.pk).update(cutoff_at=NOW + timedelta(hours=48))
    assert line(wish(first, 3)).cycle_id == category.pk


def test_goods_of_another_category_wait(many):
    first, _, cycle = many
    other = made.trade(buyers=first.dealers)
    other.shops = first.shops
    Product.objects.filter(pk=other.products[0].pk).update(category="rice")
    order = wish(other, 3)
    wish(first, 3)
    close_all(cycle)
    assert (line(order).cycle_id, line(order).unpooled) == (None, 3)


def test_a_cycle_is_of_a_factory_or_of_a_category():
    site = directory.warehouse()
    for wrong in ({}, {"factory": directory.factory_organization(), "category": "tea"}):
        with pytest.raises(ValueError, match="a factory or of a category"):
            order_cycle.open(
                warehouse=site, opens_at=NOW, cutoff_at=LATER, by=system("test"), at=NOW, **wrong
            )


def test_a_warehouse_that_needs_longer_asks_the_factory_earlier():
    market = made.trade(breaks=((1, "10"),))
    operator = market.operator_actor
    with acting_as(operator):
        handlings.put(market.warehouse, days=5, reason="new hall", by=operator, at=NOW)
    cycle = made.cycle(market)
    wish(market, 3, need_by_date=(DUE + timedelta(days=30)).isoformat())
    assert close(cycle).lines.get().requested_date == DUE + timedelta(days=25)
    [change] = TermsChange.objects.filter(subject="HANDLING")
    assert (change.before, change.after, change.reason) == (None, {"handling_days": 5}, "new hall")
    with acting_as(operator):
        handlings.put(market.warehouse, days=5, by=operator, at=NOW)
        handlings.put(market.warehouse, days=3, by=operator, at=NOW)
    assert TermsChange.objects.filter(subject="HANDLING").count() == 2
    assert handling.days_of(market.warehouse.pk) == 3


def test_no_place_but_a_warehouse_and_nobody_but_the_operator_has_handling_days():
    market = made.trade()
    with pytest.raises(handlings.InvalidHandling) as refused:
        handlings.put(market.shops[0], days=61, by=market.operator_actor, at=NOW)
    assert [one.code for one in refused.value.problems] == ["no_warehouse", "invalid_days"]
    with pytest.raises(Forbidden):
        handlings.put(market.warehouse, days=1, by=market.dealer_actor(), at=NOW)
