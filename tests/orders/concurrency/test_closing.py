"""Closing a cycle while others close it, order into it, or the process dies."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.db import invariants
from b2b.outbox.models import OutboxEvent
from orders.models import OrderCycle, OrderLine, Peg, PurchaseOrder, QuantityEvent, SavingsStatement
from orders.services import order_cycle, production_signal
from tests.factories import orders as made
from tests.factories.orders import NOW

LATER = NOW + timedelta(hours=25)


@pytest.fixture
def pool(committed_db):
    with acting_as(system("test")):
        market = made.trade(products=3, dealers=4)
        cycle = made.cycle(market)
        for dealer in range(4):
            made.order(market, [10, 20, 30], dealer=dealer)
        yield market, cycle


def in_parallel(*calls):
    """Run each call in a thread with a connection, an actor and a moment of its own."""

    def run(call):
        try:
            with acting_as(system("test")), clock.travel(LATER):
                return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def close(cycle):
    [placed] = order_cycle.close(cycle, by=system("test"), at=LATER)
    return placed


def test_closing_at_once_gives_one_purchase_order(pool):
    _, cycle = pool
    placed = in_parallel(*[lambda: close(cycle)] * 4)
    assert len({order.pk for order in placed}) == 1
    assert PurchaseOrder.objects.count() == 1
    assert not invariants.check()


def test_a_crash_in_the_middle_leaves_nothing(pool, monkeypatch):
    _, cycle = pool
    before = OutboxEvent.objects.count()

    def crash(*args, **kwargs):
        raise SystemExit

    with monkeypatch.context() as broken, clock.travel(LATER):
        broken.setattr(production_signal, "raise_", crash)
        with pytest.raises(SystemExit):
            close(cycle)
    assert OrderCycle.objects.get().status == "OPEN"
    assert not PurchaseOrder.objects.exists()
    assert not Peg.objects.exists()
    assert not SavingsStatement.objects.exists()
    assert not QuantityEvent.objects.exists()
    assert OutboxEvent.objects.count() == before
    with clock.travel(LATER):
        assert close(cycle).lines.count() == 3


def test_orders_that_come_while_it_closes_are_in_it_or_wait(pool):
    market, cycle = pool
    calls = [lambda: close(cycle)]
    calls += [lambda dealer=dealer: made.order(market, [5], dealer=dealer, at=LATER) for dealer in range(3)]
    in_parallel(*calls)
    late = OrderLine.objects.filter(quantity=5)
    assert [(line.cycle_id, line.unpooled) for line in late] == [(None, 5)] * 3
    assert not invariants.check()
