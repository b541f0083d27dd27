"""A cycle pools what it holds: breaks, minima, stock, cut-off."""

from datetime import timedelta
from decimal import Decimal

import pytest

from b2b.contracts.orders import OrderChanged
from b2b.core import clock
from b2b.core.actor import system
from orders.models import (
    ProductionSignal,
    PurchaseOrder,
    SavingsStatement,
)
from orders.services import (
    cycle_calendar,
    order_cycle,
)
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import close, lines_of, told

pytestmark = pytest.mark.django_db


def test_a_pool_buys_on_the_sum_and_shares_the_saving(credit_book):
    market = made.trade(breaks=((1, "10"), (100, "8")))
    cycle = made.cycle(market)
    small, large = made.order(market, [30]), made.order(market, [60], dealer=1)
    placed = close(cycle)
    line = placed.lines.get()
    assert (line.quantity, line.surplus_quantity, line.unit_price) == (100, 10, 8)
    assert sorted((peg.pegged, peg.order_line_id is None) for peg in line.pegs.all()) == [
        (10, True),
        (30, False),
        (60, False),
    ]
    small.refresh_from_db()
    large.refresh_from_db()
    assert small.lines.get().unit_price == Decimal("8.6")
    assert (small.total_net, large.total_net) == (258, 516)
    assert credit_book.held[small.pk].amount == small.total_gross
    assert {event.order_id for event in told(OrderChanged)} == {small.pk, large.pk}
    statement = SavingsStatement.objects.get(dealer=market.dealers[0])
    assert (statement.baseline, statement.pooled) == (300, 240)
    assert (statement.dealer_share, statement.platform_share, statement.factory_share) == (42, 12, 6)
    signal = ProductionSignal.objects.get()
    assert [(one.commitment, one.quantity) for one in signal.lines.all()] == [("FIRM", 100), ("FORECAST", 80)]
    cycle.refresh_from_db()
    assert (cycle.status, len(cycle.policy_hash)) == ("SENT", 64)


def test_minimum_and_multiple_hold_on_the_pool():
    market = made.trade(breaks=((1, "10"),), moq=5)
    cycle = made.cycle(market)
    made.order(market, [3])
    made.order(market, [2], dealer=1)
    assert close(cycle).lines.get().quantity == 5


def test_stock_covers_first(shelf):
    market = made.trade(breaks=((1, "10"),))
    cycle = made.cycle(market)
    shelf.free[market.products[0].pk] = 25
    first, second = made.order(market, [20]), made.order(market, [20], dealer=1)
    assert close(cycle).lines.get().quantity == 15
    assert [(line.covered, line.pooled) for line in lines_of(first, second)] == [(20, 0), (5, 15)]


def test_closing_twice_gives_the_same_purchase_order():
    market = made.trade()
    cycle = made.cycle(market)
    made.order(market, [10])
    assert close(cycle) == close(cycle)
    assert PurchaseOrder.objects.count() == 1


def test_a_cycle_takes_orders_until_its_cutoff():
    market = made.trade()
    cycle = made.cycle(market)
    with pytest.raises(order_cycle.BeforeCutoff):
        order_cycle.close(cycle, by=system("test"), at=NOW)
    with clock.travel(cycle.cutoff_at):
        late = made.order(market, [7], at=cycle.cutoff_at)
    assert late.lines.get().cycle_id is None
    assert close(cycle) is None
    assert cycle.__class__.objects.get().status == "CLOSED"


def test_an_order_without_a_cycle_joins_the_next():
    market = made.trade()
    waiting = made.order(market, [7])
    cycle = made.cycle(market, at=NOW + timedelta(minutes=1))
    close(cycle)
    assert lines_of(waiting)[0].pooled == 7


def test_the_next_cycle_opens_by_itself_once():
    market = made.trade()
    made.cycle(market, recurrence={"every": "days", "interval": 7})
    far = NOW + timedelta(days=16)
    with clock.travel(far):
        opened = cycle_calendar.ensure_open(by=system("test"), at=far)
        assert [one.cutoff_at for one in opened] == [NOW + timedelta(days=22)]
        assert cycle_calendar.ensure_open(by=system("test"), at=far) == []
