"""Demand by day follows orders by events, and comes out the same when it is made anew."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.orders import OrderCancelled, OrderChanged, OrderConfirmed
from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders import handlers
from orders.models import DemandBucket, DemandEvent, StockOut
from orders.policies.order_change import LineEdit
from orders.selectors import demand as selectors
from orders.services import demand, fulfilment, order, withdrawal
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, carried, close, edit, lines_of, short_cycle, told

pytestmark = pytest.mark.django_db
BY = system("test")


def tell():
    """Hand every event so far to its handler, the latest first and one twice."""
    events = [
        (event, handler)
        for topic, handler in (
            (OrderConfirmed, handlers.count_confirmed),
            (OrderChanged, handlers.count_changed),
            (OrderCancelled, handlers.count_cancelled),
        )
        for event in told(topic)
    ]
    for event, handler in [*reversed(events), *events[:1]]:
        handler(event)


def buckets():
    return sorted(
        DemandBucket.objects.values_list(
            "product_id", "region", "on_date", "ordered", "shipped", "lost", "censored"
        )
    )


def test_orders_of_a_day_are_summed_by_product_and_region():
    market = made.trade(products=2, dealers=2)
    made.order(market, [5, 7])
    made.order(market, [3, 0], dealer=1)
    tell()
    [first, second] = buckets()
    region = market.shops[0].region
    assert first[:4] == (market.products[0].pk, region, NOW.date(), 8)
    assert second[:4] == (market.products[1].pk, region, NOW.date(), 7)


def test_the_day_is_that_of_the_shop():
    market = made.trade()
    late = NOW.replace(hour=20)  # four in the morning in Shanghai
    with clock.travel(late):
        made.order(market, [5], at=late)
    tell()
    assert buckets()[0][2] == (NOW + timedelta(days=1)).date()


def test_changes_and_cancellations_are_followed_and_told_twice_count_once():
    market = made.trade(dealers=2)
    kept, gone = made.order(market, [10]), made.order(market, [4], dealer=1)
    edit(market, kept, LineEdit(1, 6))
    order.cancel(gone, by=market.dealer_actor(1), at=NOW)
    tell()
    tell()
    assert buckets()[0][3:6] == (6, 0, 0)
    assert DemandEvent.objects.filter(order=gone).count() <= 2


def test_what_a_short_answer_drove_away_was_wanted_all_the_same():
    market, placed, _ = short_cycle(40)
    tell()
    first = placed[0]
    wanted = buckets()[0][3]
    with clock.travel(LATER):
        withdrawal.withdraw(first, lines=[1], by=market.dealer_actor(0), at=LATER)
    tell()
    [bucket] = buckets()
    assert bucket[3] == wanted
    assert bucket[5] > 0


def test_what_left_is_counted_with_the_departure(shelf):
    market = made.trade()
    shelf.free[market.products[0].pk] = 50
    cycle = made.cycle(market)
    placed = made.order(market, [10])
    close(cycle)
    tell()
    [line] = lines_of(placed)
    for _ in range(2):
        fulfilment.note_departure([carried(line, placed.pk)], at=LATER)
    assert buckets()[0][3:5] == (10, 10)


def test_made_anew_the_buckets_are_the_same(shelf):
    market = made.trade(products=3, dealers=3)
    for index in range(3):
        made.order(market, [index + 1, 5, 7], dealer=index)
    gone = made.order(market, [4, 4, 4])
    tell()
    order.cancel(gone, by=market.dealer_actor(0), at=NOW)
    demand.mark_stock_outs([market.products[1].pk], on_date=NOW.date())
    made.order(market, [1, 1, 0])
    tell()
    before = buckets()
    assert demand.rebuild() == len(before)
    assert buckets() == before


def test_an_order_nobody_told_of_is_found_by_making_anew():
    market = made.trade()
    made.order(market, [9])
    assert not DemandBucket.objects.exists()
    demand.rebuild()
    assert buckets()[0][3] == 9
    events = DemandEvent.objects.count()
    demand.rebuild()
    assert DemandEvent.objects.count() == events


def test_days_without_stock_are_marked_once_before_and_after_the_orders(shelf):
    market = made.trade(products=2)
    shelf.free[market.products[1].pk] = 3
    keys = [product.pk for product in market.products]
    made.order(market, [2, 2])
    tell()
    for _ in range(2):
        assert demand.mark_stock_outs(keys, on_date=NOW.date()) == keys[:1]
    assert [row[6] for row in buckets()] == [True, False]
    assert StockOut.objects.count() == 1


def test_the_number_of_statements_does_not_grow_with_the_lines():
    counts = []
    for products in (2, 40):
        market = made.trade(products=products)
        placed = made.order(market, [3] * products)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            demand.note([placed.pk])
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_only_the_operator_reads_what_rivals_ask_for():
    market = made.trade()
    made.order(market, [5])
    tell()
    with acting_as(market.operator_actor):
        assert selectors.buckets(market.operator_actor).count() == 1
    for party in (market.dealer_actor(), market.factory_actor):
        with acting_as(party):
            assert not selectors.buckets(party).exists()
            assert not DemandBucket.objects.exists()
