"""A dealer may say the highest price it pays: it joins a pool that reaches it, and else waits."""

from datetime import timedelta
from decimal import Decimal
from itertools import islice, permutations

import pytest

from b2b.contracts.orders import OrderChanged, OrderConfirmed
from b2b.core import clock
from b2b.core.actor import system
from orders.models import OrderCycle, PurchaseOrder, SupplySource
from orders.policies.order_change import LineEdit
from orders.services import order_change, order_cycle
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close, told
from tests.orders.services.wishes import line, wish
from tests.support.examples import TIMES

pytestmark = pytest.mark.django_db


def test_a_line_joins_when_the_pool_reaches_its_ceiling_and_never_pays_more():
    market = made.trade(breaks=((1, "10"), (100, "8")))
    cycle = made.cycle(market)
    free, bound = wish(market, 60), wish(market, 50, dealer=1, max_unit_price="8.2")
    assert close(cycle).lines.get().quantity == 110
    # By the rule a dealer gets 70 % of the saving: 8.60. The ceiling is kept all the same.
    assert (line(free).unit_price, line(bound).unit_price) == (Decimal("8.6"), Decimal("8.2"))
    assert (line(bound).pooled, line(bound).net_amount) == (50, 410)


def test_a_line_whose_ceiling_is_not_reached_waits_with_a_reason_and_joins_the_next():
    market = made.trade(breaks=((1, "10"), (100, "8")))
    first = made.cycle(market)
    order = wish(market, 50, max_unit_price="8")
    rival = wish(market, 30, dealer=1)
    assert close(first).lines.get().quantity == 30
    left = line(order)
    assert (left.waiting_reason, left.cycle_id, left.unpooled) == ("PRICE", None, 50)
    assert line(rival).waiting_reason == ""
    second = made.cycle(market, at=LATER, hours=48)
    wish(market, 55, dealer=1, at=LATER)
    with clock.travel(LATER + timedelta(hours=49)):
        [placed] = order_cycle.close(second, by=system("test"), at=LATER + timedelta(hours=49))
    assert placed.lines.get().quantity == 105
    assert (line(order).waiting_reason, line(order).pooled, line(order).unit_price) == ("", 50, 8)


def test_who_waits_for_a_price_is_no_demand_yet(shelf):
    market = made.trade(breaks=((1, "10"), (100, "8")))
    cycle = made.cycle(market)
    shelf.free[market.products[0].pk] = 500
    order = wish(market, 50, max_unit_price="8")
    [confirmed] = told(OrderConfirmed)
    assert (confirmed.lines, confirmed.waiting_amount) == ((), order.total_gross)
    assert close(cycle) is None
    assert (line(order).covered, line(order).waiting_reason) == (0, "PRICE")
    assert told(OrderChanged) == []


def test_an_order_that_waits_for_a_price_as_a_whole_may_change_and_holds_its_credit(credit_book):
    market = made.trade(breaks=((1, "10"), (100, "8")))
    made.cycle(market)
    order = wish(market, 50, max_unit_price="8")
    order_change.change(order, edits=[LineEdit(1, quantity=40)], by=market.dealer_actor(), at=NOW)
    order.refresh_from_db()
    assert (order.status, line(order).requested - line(order).cancelled) == ("CONFIRMED", 40)
    [event] = told(OrderChanged)
    assert (event.lines, event.waiting_amount) == ((), order.total_gross)
    assert credit_book.held[order.pk].amount == order.total_gross


def test_a_pooled_line_is_told_of_with_its_new_price():
    market = made.trade(breaks=((1, "10"), (100, "8")))
    cycle = made.cycle(market)
    order = wish(market, 60, max_unit_price="8")
    wish(market, 60, dealer=1)
    close(cycle)
    [event] = [one for one in told(OrderChanged) if one.order_id == order.pk]
    assert [(one.line_id, one.quantity, one.unit_price) for one in event.lines] == [(line(order).pk, 60, 8)]


def test_nobody_gains_by_coming_first():
    """Permutations of the same wishes, each in a market of its own, end the same (policies: test_commitment.py)."""
    wanted = [(60, "8"), (30, "9"), (20, None), (15, "7.9")]
    ends = set()
    for arrival in islice(permutations(wanted), 0, None, max(1, 4 // TIMES)):
        market = made.trade(dealers=4, breaks=((1, "10"), (50, "9"), (100, "8")))
        cycle = made.cycle(market)
        orders = {
            entry: wish(market, entry[0], dealer=dealer, **({"max_unit_price": entry[1]} if entry[1] else {}))
            for dealer, entry in enumerate(arrival)
        }
        close(cycle)
        ends.add(
            tuple((entry, line(orders[entry]).pooled, line(orders[entry]).unit_price) for entry in wanted)
        )
    assert len(ends) == 1
    assert PurchaseOrder.objects.count() == OrderCycle.objects.count() >= 6
    assert [pooled for _, pooled, _ in ends.pop()] == [60, 30, 20, 0]


def test_a_ceiling_at_or_above_the_own_price_is_none():
    market = made.trade(breaks=((1, "10"),))
    cycle = made.cycle(market)
    order = wish(market, 5, max_unit_price="10")
    close(cycle)
    assert line(order).pooled == 5


def test_a_factory_without_a_price_leaves_lines_waiting():
    market = made.trade()
    cycle = made.cycle(market)
    order = wish(market, 5)
    SupplySource.objects.update(is_active=False)
    assert close(cycle) is None
    assert (line(order).waiting_reason, line(order).cycle_id) == ("NOT_ON_SALE", None)
