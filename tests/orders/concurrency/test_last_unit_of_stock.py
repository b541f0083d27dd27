"""Two hundred orders at once for the last unit on the shelf, against the real warehouse and real credit.

An order is taken whether or not the shelf serves it: the pool buys what the shelf does not serve. So "exactly one
success" is one line covered from stock; the other 199 are pooled, and nobody else is promised the unit. For the last
unit of credit see `test_last_unit.py`.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, BoundedSemaphore

import pytest
from django.db import connections
from django.db.models import Sum

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.money import Money
from b2b.db import invariants
from b2b.db.bulk import fetch_value
from b2b.outbox.dispatch import drain
from b2b.outbox.models import OutboxEvent
from finance import facade as finance
from finance.models import CreditHold
from finance.services import exposure
from orders.models import Order, OrderLine, Peg, PurchaseOrderLine
from orders.services import bulk_order, order_cycle
from orders.services import order as orders
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.factories.warehousing import World
from tests.support.order_ports import answered
from tests.support.outbox import make_due, statuses
from warehousing import facade as warehousing
from warehousing.models import Demand, Promise, PromiseBook

ORDERS, FEW, DEALERS = 200, 48, 4
LATER = NOW + timedelta(hours=25)
BY = system("test")


@pytest.fixture
def market(committed_db):
    with acting_as(BY), clock.travel(NOW), answered(finance, warehousing):
        market = made.trade(dealers=DEALERS)
        made.cycle(market)
        for dealer in market.dealers:
            exposure.set_limit(party_id=dealer.pk, amount=Money.of(100_000, "CNY"), by=BY, at=NOW)
        World.build().stock(1, of=market.products[0])
        yield market


def at_once(call, count, *, at=NOW):
    """Let `count` threads begin at the same moment; sixty connections serve them, as a pool of connections would."""
    start, seats = Barrier(count), BoundedSemaphore(60)

    def run(number):
        start.wait()
        with seats:
            try:
                with acting_as(BY), clock.travel(at):
                    return call(number)
            finally:
                connections.close_all()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


def place(market):
    """Return what places the order of a number."""
    rows = bulk_order.rows_of([{"sku": market.products[0].sku, "quantity": 1}])

    def submit(number):
        who, dealer = market.dealer_actor(number % DEALERS), number % DEALERS
        with acting_as(who):
            return bulk_order.submit(
                rows, dealer=market.dealers[dealer], ship_to=market.shops[dealer], by=who, at=NOW
            ).order

    return submit


def promised():
    """Return what the warehouse keeps for dealers, on its book's own count and on each promise.

    No wave was released: which bin the unit is taken from is not chosen yet.
    """
    kept = Promise.objects.exclude(status="RELEASED").values_list("quantity", flat=True)
    return PromiseBook.objects.aggregate(promised=Sum("promised"))["promised"], list(kept)


def deliver_all():
    """Tell everybody everything, also what a thread was beaten to: that is told again when its lease ends."""
    drain()
    make_due()
    drain()
    assert set(statuses()) == {"DONE"}


def check_sums(cycle_closings, count):
    """One line got the unit, the rest is on one purchase line, and nothing hangs in the air."""
    [placed] = {order.pk for closing in cycle_closings for order in closing}
    lines = list(OrderLine.objects.values_list("covered", "pooled").order_by("-covered"))
    kept = warehousing.kept(OrderLine.objects.values_list("pk", flat=True))
    assert lines == [(1, 0), *[(0, 1)] * (count - 1)], f"the warehouse keeps {kept}"
    bought = PurchaseOrderLine.objects.get()
    assert (bought.purchase_order_id, bought.quantity, bought.surplus_quantity) == (placed, count - 1, 0)
    assert Peg.objects.filter(order_line__covered=0, pegged=1).count() == Peg.objects.count() == count - 1
    assert promised() == (1, [1])
    assert Demand.objects.count() == Order.objects.count() == CreditHold.objects.count() == count
    assert OrderLine.objects.filter(first_requested=1, requested=1).count() == count
    assert OutboxEvent.objects.filter(topic="orders.order.confirmed.v1").count() == count
    assert not invariants.check()
    assert not fetch_value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


def close_thrice():
    cycle = Order.objects.values_list("lines__cycle", flat=True).distinct().get()
    closed = order_cycle.OrderCycle.objects.get(pk=cycle)
    return at_once(lambda _: order_cycle.close(closed, by=BY, at=LATER), 3, at=LATER)


def test_the_last_unit_of_stock_covers_one_of_two_hundred_orders(market):
    submit = place(market)

    def order_and_deliver(number):
        submit(number)
        drain(1)  # one delivery at a time, so that the warehouse's handlers of all orders race for the unit

    at_once(order_and_deliver, ORDERS)
    deliver_all()
    assert promised() == (1, [1])
    check_sums(close_thrice(), ORDERS)


def test_closing_races_the_warehouse_for_the_last_unit(market):
    """Events are on their way at the cut-off: the pool asks for cover while handlers reserve, and they agree."""
    at_once(place(market), FEW)
    cycle = order_cycle.OrderCycle.objects.get()

    def close_or_deliver(number):
        if number % 4:
            drain(1)
            return []
        return order_cycle.close(cycle, by=BY, at=LATER)

    closings = [placed for placed in at_once(close_or_deliver, 16, at=LATER) if placed]
    deliver_all()
    check_sums(closings, FEW)


def test_a_cancelled_winner_frees_the_unit_for_exactly_one_other(market):
    at_once(place(market), FEW)
    deliver_all()
    winner = Demand.objects.get(promises__status="ON_HAND").order_id

    def cancel_or_deliver(number):
        return drain(1) if number else orders.cancel(Order.objects.get(pk=winner), by=BY, at=NOW)

    at_once(cancel_or_deliver, 8)
    deliver_all()
    closings = close_thrice()
    deliver_all()
    [covered] = OrderLine.objects.filter(covered=1).values_list("order_id", flat=True)
    assert covered != winner
    assert OrderLine.objects.filter(pooled=1).count() == FEW - 2
    assert len({order.pk for closing in closings for order in closing}) == 1
    assert promised() == (1, [1])
    assert not invariants.check()


class Overtaken:
    """The real warehouse, which hears of the orders right after it is first asked something."""

    def __getattr__(self, name):
        def answer(*asked, **how):
            found = getattr(warehousing, name)(*asked, **how)
            at_once(lambda _: drain(1), 1)
            return found

        return answer


def test_what_is_promised_between_two_looks_of_the_closing_is_covered(market):
    at_once(place(market), 3)
    with answered(finance, Overtaken()), clock.travel(LATER):
        placed = order_cycle.close(order_cycle.OrderCycle.objects.get(), by=BY, at=LATER)
    deliver_all()
    check_sums([placed], 3)
