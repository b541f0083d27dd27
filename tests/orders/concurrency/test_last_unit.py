"""Two hundred orders at once for the last unit of credit: one gets it, the others leave nothing.

For the last unit on the shelf see `tests/concurrency/test_hot_stock.py`.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.money import Money
from b2b.db import invariants
from b2b.outbox.models import OutboxEvent
from finance import facade as finance
from finance.models import CreditHold
from finance.services import exposure
from orders.models import Order, OrderLine
from orders.services import bulk_order
from orders.services.order import CreditRefused
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.support.order_ports import Shelf, answered

ORDERS, AT_ONCE = 200, 16
GROSS = "11.300"  # one unit at 10 with 13 per cent of tax


@pytest.fixture
def market(committed_db):
    with acting_as(system("test")), clock.travel(NOW):
        market = made.trade()
        made.cycle(market)
        exposure.set_limit(
            party_id=market.dealers[0].pk, amount=Money.of(GROSS, "CNY"), by=system("test"), at=NOW
        )
        yield market


def test_the_last_unit_of_credit_goes_to_one_order(market):
    """The credit is real: the order holds it through the port that production binds."""
    rows = bulk_order.rows_of([{"sku": market.products[0].sku, "quantity": 1}])
    start = Barrier(AT_ONCE)

    def place(_number):
        who = market.dealer_actor()
        try:
            with acting_as(who), clock.travel(NOW):
                bulk_order.submit(rows, dealer=market.dealers[0], ship_to=market.shops[0], by=who, at=NOW)
        except CreditRefused:
            return "refused"
        return "placed"

    def work(number):
        try:
            start.wait()
            return [place(turn) for turn in range(number, ORDERS, AT_ONCE)]
        finally:
            connections.close_all()

    before = OutboxEvent.objects.count()
    with answered(finance, Shelf()), ThreadPoolExecutor(AT_ONCE) as pool:
        told = Counter(one for answers in pool.map(work, range(AT_ONCE)) for one in answers)
    assert told == {"placed": 1, "refused": ORDERS - 1}
    assert Order.objects.count() == OrderLine.objects.count() == 1
    assert CreditHold.objects.count() == 1
    assert OutboxEvent.objects.filter(topic="orders.order.confirmed.v1").count() == 1
    assert OutboxEvent.objects.count() > before
    assert not invariants.check()
