"""Many dealers ask for the same goods at once: what is promised is there."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django.db.models import Sum

from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders.models import SupplyPromise
from orders.services import promise
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.support.order_ports import Shelf, answered


def test_eight_at_once_are_never_promised_the_same_goods(committed_db):
    with acting_as(system("test")):
        market = made.trade(dealers=8)
        shelf = Shelf({market.products[0].pk: 50})

    def ask(dealer):
        try:
            with clock.travel(NOW), acting_as(market.dealer_actor(dealer)):
                who = market.dealer_actor(dealer)
                return promise.ask(market.products[0], 10, by_date=NOW.date(), by=who, at=NOW, hold=True)
        finally:
            connection.close()

    with answered(None, shelf), ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(8)))
    assert sorted(one.available for one in answers) == [0, 0, 0, 10, 10, 10, 10, 10]
    with acting_as(system("test")):
        today = SupplyPromise.objects.filter(by_date=NOW.date()).aggregate(given=Sum("quantity"))
    assert today["given"] == 50
