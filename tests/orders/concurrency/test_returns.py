"""Two requests for the same last units: one is granted, the other is told that nothing is left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from b2b.core import clock
from b2b.core.actor import acting_as
from orders.models import ReturnAuthorisation
from orders.services import returns
from orders.services.returns import NotReturnable, Wanted
from tests.factories.orders import NOW
from tests.factories.returns import PLATFORM, delivered

REQUESTS = 4


def test_the_last_units_are_given_back_once(committed_db: None) -> None:
    goods = delivered([10])
    together = Barrier(REQUESTS)
    by = goods.market.dealer_actor()

    def ask(_: int) -> str:
        try:
            with acting_as(by), clock.travel(NOW):
                together.wait()
                returns.request(goods.orders[0], lines=[Wanted(1, 6, "DAMAGED")], by=by, at=NOW)
        except NotReturnable as refused:
            return refused.problems[0].code
        finally:
            connection.close()
        return "granted"

    with ThreadPoolExecutor(REQUESTS) as threads:
        answers = sorted(threads.map(ask, range(REQUESTS)))
    assert answers == ["granted"] + ["more_than_delivered"] * (REQUESTS - 1)
    with acting_as(PLATFORM):
        assert ReturnAuthorisation.objects.count() == 1
