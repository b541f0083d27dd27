"""A preview tells the day that the closing of the cycle would ask for: cut-off, lead time and handling."""

from datetime import timedelta

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as
from orders.models import PurchaseOrderLine, SupplySource
from orders.selectors.handling import DEFAULT_DAYS
from orders.services import bulk_order, handling
from tests.factories import directory
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import close
from tests.orders.services.wishes import wish

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LEAD = 7


def expected(market, quantity=10, at=NOW):
    """Days from `at` until the goods are expected."""
    who = market.dealer_actor()
    with acting_as(who), clock.travel(at):
        rows = bulk_order.rows_of([{"sku": market.products[0].sku, "quantity": quantity}])
        result = bulk_order.preview(rows, dealer=market.dealers[0], ship_to=market.shops[0], by=who, at=at)
    return (result.rows[0].expected_date - at.date()).days


def needs(market, days):
    with acting_as(market.operator_actor):
        handling.put(market.warehouse, days=days, by=market.operator_actor, at=NOW)


def test_without_a_cycle_the_usual_handling_counts():
    market = made.trade()
    needs(market, 6)
    assert SupplySource.objects.get().lead_time_days == LEAD
    assert expected(market) == LEAD + DEFAULT_DAYS


def test_the_next_cut_off_and_its_warehouse_count(shelf):
    market = made.trade()
    made.cycle(market, hours=72)
    assert expected(market) == 3 + LEAD + DEFAULT_DAYS
    needs(market, 6)
    assert expected(market) == 3 + LEAD + 6
    shelf.free[market.products[0].pk] = 10
    assert (expected(market, 10), expected(market, 11)) == (6, 3 + LEAD + 6)
    # A cycle that closes sooner, and one of another region or currency.
    made.cycle(market, hours=24)
    made.cycle(market, hours=6, region="elsewhere")
    made.cycle(market, hours=6, currency="EUR")
    assert expected(market, 11) == 1 + LEAD + 6


def test_a_cycle_that_opens_later_buys_what_joins_none():
    market = made.trade()
    made.cycle(market, at=NOW + 2 * DAY, hours=24)
    assert expected(market) == 3 + LEAD + DEFAULT_DAYS


def test_a_cycle_of_the_category_counts_and_others_do_not():
    market = made.trade()
    other = made.trade(dealers=0)
    made.cycle(other, hours=6)
    assert expected(market) == LEAD + DEFAULT_DAYS
    product = market.products[0]
    type(product).objects.filter(pk=product.pk).update(category="Lamps")
    made.order_cycle.open(
        category="Lamps", warehouse=directory.warehouse(), opens_at=NOW, cutoff_at=NOW + 4 * DAY,
        by=made.system("test"), at=NOW,
    )  # fmt: skip
    assert expected(market) == 4 + LEAD + DEFAULT_DAYS


def test_what_is_told_is_what_the_factory_is_asked_for():
    """Without a wish the factory delivers at its soonest: the preview's day less the handling."""
    market = made.trade()
    needs(market, 4)
    cycle = made.cycle(market)
    told = NOW.date() + timedelta(days=expected(market))
    wish(market, 10)
    close(cycle)
    assert PurchaseOrderLine.objects.get().requested_date == told - 4 * DAY
