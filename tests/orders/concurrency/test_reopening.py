"""Reopening against the cut-off, against itself, and against what others were told of the cancellation."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.errors import DomainError
from b2b.core.money import Money
from b2b.db import invariants
from b2b.outbox.dispatch import drain
from b2b.tower.models import OrderLineFact
from finance import facade as finance
from finance.models import CreditHold
from finance.services import exposure
from orders.models import Order, OrderLine
from orders.services import order as orders
from orders.services import order_cycle, order_reopening
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.factories.warehousing import World
from tests.support.order_ports import answered
from warehousing import facade as warehousing
from warehousing.models import Demand, Promise, PromiseBook

BY = system("test")
TICK = timedelta(milliseconds=1)


@pytest.fixture
def market(committed_db):
    with acting_as(BY), clock.travel(NOW), answered(finance, warehousing):
        market = made.trade(dealers=4, breaks=((1, "10"),))
        for dealer in market.dealers:
            exposure.set_limit(party_id=dealer.pk, amount=Money.of(100_000, "CNY"), by=BY, at=NOW)
        yield market


def at_once(*calls):
    """Let every call begin at the same moment; a refusal is an answer."""
    start = Barrier(len(calls))

    def run(call):
        start.wait()
        try:
            with acting_as(BY):
                return call()
        except DomainError as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def reopening(order, moment):
    def call():
        with clock.travel(moment):
            return order_reopening.reopen(order, by=BY, at=moment)

    return call


def cancelled(market, dealer=0):
    order = made.order(market, [7], dealer=dealer)
    return orders.cancel(order, by=BY, at=NOW)


def test_reopened_while_the_cycle_closes_it_is_in_this_one_or_the_next(market):
    cycle = made.cycle(market)
    following = made.cycle(market, at=NOW + timedelta(hours=24), hours=24)
    found = [cancelled(market, dealer) for dealer in range(4)]
    made.order(market, [3])

    def close():
        with clock.travel(cycle.cutoff_at):
            return order_cycle.close(cycle, by=BY, at=cycle.cutoff_at)

    moments = (cycle.cutoff_at - TICK, cycle.cutoff_at - TICK, cycle.cutoff_at, cycle.cutoff_at + TICK)
    told = at_once(close, *(reopening(*one) for one in zip(found, moments, strict=True)))
    [placed] = told[0]
    joined = dict(OrderLine.objects.filter(quantity=7).values_list("order_id", "pooled"))
    in_time = sum(joined.values())
    assert placed.lines.get().quantity == 3 + in_time
    assert all(joined[order.pk] == 0 for order in found[2:])
    with clock.travel(following.cutoff_at):
        [late] = order_cycle.close(following, by=BY, at=following.cutoff_at)
    assert late.lines.get().quantity == 28 - in_time
    assert not invariants.check()


def test_reopened_twice_at_once_it_is_reopened_once(market):
    order = cancelled(market)
    told = at_once(*[reopening(order, NOW)] * 4)
    assert sum(isinstance(one, Order) for one in told) == 1
    order.refresh_from_db()
    assert (order.status, order.lines.get().cancelled, CreditHold.objects.get().status) == (
        "CONFIRMED",
        0,
        "HELD",
    )
    assert not invariants.check()


@pytest.mark.parametrize("heard", ["of each step", "of all at the end"])
def test_credit_stock_and_figures_follow_whenever_they_hear_of_it(market, heard):
    """The cancellation may be told after the order was taken up again: it frees neither credit nor goods then."""
    World.build().stock(7, of=market.products[0])
    order = made.order(market, [7])
    hear = drain if heard == "of each step" else (lambda: 0)
    hear()
    orders.cancel(order, by=BY, at=NOW)
    hear()
    order_reopening.reopen(order, by=BY, at=NOW)
    drain()
    held = CreditHold.objects.get()
    order.refresh_from_db()
    assert (held.status, held.held) == ("HELD", Money.of(order.total_gross, "CNY").minor)
    assert not Demand.objects.get().is_cancelled
    assert Promise.objects.get(status="ON_HAND").quantity == PromiseBook.objects.get().promised == 7
    assert OrderLineFact.objects.get().cancelled_at is None
    assert not invariants.check()
