"""A cut-off is decided by the database's clock inside the writing transaction, to the millisecond, in any time zone."""

import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.db import invariants
from b2b.db.bulk import fetch_value
from b2b.db.transactions import unit_of_work
from orders.models import OrderLine
from orders.services import order_cycle
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.support.eventually import eventually

BY = system("test")
TICK = timedelta(milliseconds=1)
WAIT_S = 20


@pytest.fixture
def market(committed_db):
    with acting_as(BY):
        yield made.trade(dealers=3, breaks=((1, "10"),))


def close(cycle, moment):
    with clock.travel(moment):
        return order_cycle.close(cycle, by=BY, at=moment)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_a_millisecond_before_the_cutoff_is_in_and_the_cutoff_itself_is_not(market, zone):
    there = ZoneInfo(zone)
    cutoff = datetime(2026, 11, 23, 23, 59, 59, 500_000, tzinfo=there)
    with timezone.override(there):
        cycle = order_cycle.open(
            market.maker,
            warehouse=market.warehouse,
            opens_at=NOW - timedelta(days=1),
            cutoff_at=cutoff,
            by=BY,
            at=NOW,
        )
        following = order_cycle.open(
            market.maker,
            warehouse=market.warehouse,
            opens_at=cutoff,
            cutoff_at=cutoff + timedelta(days=7),
            by=BY,
            at=NOW,
        )
        ends = {}
        for moment in (cutoff - TICK, cutoff, cutoff + TICK):
            with clock.travel(moment):
                ends[moment] = made.order(market, [5], at=moment).lines.get().cycle_id
        assert list(ends.values()) == [cycle.pk, following.pk, following.pk]
        with pytest.raises(order_cycle.BeforeCutoff):
            close(cycle, cutoff - TICK)
        [placed] = close(cycle, cutoff)
        assert placed.lines.get().quantity == 5
        [late] = close(following, following.cutoff_at)
        assert late.lines.get().quantity == 10
    assert not invariants.check()


def in_thread(call):
    """Run a call in a thread with a connection of its own."""

    def run():
        try:
            with acting_as(BY):
                call()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def somebody_waits():
    return fetch_value("SELECT count(*) FROM pg_locks WHERE NOT granted")


def test_an_order_in_flight_at_the_cutoff_is_in(market):
    """It joined before the cut-off and commits after it: closing waits for it."""
    cycle = made.cycle(market)
    joined, may_commit = threading.Event(), threading.Event()

    def order():
        with clock.travel(cycle.cutoff_at - TICK), unit_of_work():
            made.order(market, [7], at=cycle.cutoff_at - TICK)
            joined.set()
            assert may_commit.wait(WAIT_S)

    ordering = in_thread(order)
    assert joined.wait(WAIT_S)
    placed = []
    closing = in_thread(lambda: placed.extend(close(cycle, cycle.cutoff_at)))
    eventually(somebody_waits, seconds=WAIT_S)
    assert not placed
    may_commit.set()
    ordering.join()
    closing.join()
    assert [one.lines.get().quantity for one in placed] == [7]
    assert not invariants.check()


def test_whoever_comes_while_it_closes_is_in_the_next_cycle(market):
    """Orders by three dealers against the clock: each unit is in exactly one of two cycles."""
    cycle = made.cycle(market)
    following = made.cycle(market, at=NOW + timedelta(hours=24), hours=24)
    start = threading.Barrier(4)

    def order(dealer):
        for step in range(-3, 3):
            moment = cycle.cutoff_at + step * TICK
            with clock.travel(moment):
                if step == 0:
                    start.wait(WAIT_S)
                made.order(market, [1], dealer=dealer, at=moment)

    def finish():
        start.wait(WAIT_S)
        close(cycle, cycle.cutoff_at)

    threads = [in_thread(lambda dealer=dealer: order(dealer)) for dealer in range(3)]
    threads.append(in_thread(finish))
    for thread in threads:
        thread.join()
    assert set(OrderLine.objects.values_list("cycle_id", flat=True)) == {cycle.pk, following.pk}
    assert OrderLine.objects.filter(cycle=cycle, pooled=1).count() == 9
    [late] = close(following, following.cutoff_at)
    assert late.lines.get().quantity == 9
    assert not invariants.check()
