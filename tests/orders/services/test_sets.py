"""Agreements do not overlap, and statements do not grow with lines."""

import pytest

from orders.models import (
    PriceAgreement,
)
from orders.services import (
    bulk_order,
    purchase_order,
)
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close

pytestmark = pytest.mark.django_db


def test_agreements_do_not_overlap():
    from django.db import IntegrityError, transaction

    market = made.trade()
    with pytest.raises(IntegrityError), transaction.atomic():
        made.agreement(market.maker, market.products[0])
    made.agreement(market.maker, market.products[0], buyer=market.dealers[0], breaks=((1, "7"),))
    assert PriceAgreement.objects.count() == 2
    assert made.order(market, [1]).total_net == 7
    assert made.order(market, [1], dealer=1).total_net == 10


def _statements(count):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    market = made.trade(products=10, breaks=((1, "10"), (100, "8")))
    cycle = made.cycle(market)
    counts = []

    def counted(call):
        with CaptureQueriesContext(connection) as queries:
            result = call()
        counts.append(len(queries))
        return result

    rows = bulk_order.rows_of(
        {"sku": market.products[index % 10].sku, "quantity": 3} for index in range(count)
    )
    who = market.dealer_actor()
    shop = market.shops[0]
    counted(lambda: bulk_order.preview(rows, dealer=market.dealers[0], ship_to=shop, by=who, at=NOW))
    counted(lambda: bulk_order.submit(rows, dealer=market.dealers[0], ship_to=shop, by=who, at=NOW))
    placed = counted(lambda: close(cycle))
    counted(lambda: purchase_order.respond(placed, answers=[Answer(1, 1)], by=market.factory_actor, at=LATER))
    return counts


def test_statements_do_not_grow_with_lines():
    _statements(10)
    assert _statements(100) == _statements(1000)
