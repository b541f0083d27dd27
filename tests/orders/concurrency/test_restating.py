"""Two factories of one cycle change their prices at once: the statement is restated twice, one after the other."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from decimal import Decimal

from django.db import connections

from b2b.catalog.models import Product
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.db.transactions import unit_of_work
from orders.models import SavingsStatement
from orders.services import order_cycle, purchase_order
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close_all
from tests.orders.services.wishes import wish
from tests.support.order_ports import answered

BY = system("test")


def pooled():
    """One dealer buys ten of each of two factories in a cycle of their category."""
    first = made.trade(dealers=1, breaks=((1, "10"),))
    second = made.trade(breaks=((1, "20"),), buyers=first.dealers)
    second.shops = first.shops
    Product.objects.update(category="tea")
    cycle = order_cycle.open(
        category="tea", warehouse=first.warehouse, opens_at=NOW, cutoff_at=NOW + timedelta(hours=24), by=BY, at=NOW
    )  # fmt: skip
    for market in (first, second):
        wish(market, 10)
    return sorted(close_all(cycle), key=lambda order: order.total_net)


def test_both_changes_are_in_the_statement_that_holds(committed_db):
    with acting_as(BY), answered():
        orders = pooled()

        def fall(order, price):
            with acting_as(BY), clock.travel(LATER):
                purchase_order.respond(order, answers=[Answer(1, unit_price=Decimal(price))], by=BY, at=LATER)

        def beside():
            try:
                fall(orders[1], "15")
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as threads:
            with unit_of_work():
                fall(orders[0], "8")
                other = threads.submit(beside)
                wait([other], timeout=0.5)
            other.result(timeout=20)
        found = SavingsStatement.objects.get(restated_by=None)
        assert (found.baseline, found.pooled) == (300, 230)
        assert found.restates.restates.restates is None
