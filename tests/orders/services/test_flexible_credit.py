"""What a pool may give an order beyond what it asked for holds credit too, from the confirmation on."""

from decimal import Decimal

import pytest

from b2b.contracts.orders import OrderChanged, OrderConfirmed
from b2b.core.actor import acting_as
from orders.policies.order_change import LineEdit
from orders.services import bulk_order
from orders.services.order import CreditRefused
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import close, edit, told
from tests.orders.services.wishes import line, wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return made.trade(dealers=2, breaks=((1, "10"),), multiple=24)


def test_the_confirmation_counts_flexibility_upwards(market, credit_book):
    order = wish(market, 20, flex_up=4)
    assert order.total_gross == Decimal(226)
    assert credit_book.held[order.pk].amount == Decimal("271.2")
    assert told(OrderConfirmed)[-1].lines[0].flex_up == 4


def test_credit_for_what_was_asked_alone_is_not_enough(market, credit_book):
    credit_book.limit = Decimal("271.19")
    with pytest.raises(CreditRefused, match=r"271\.2\d* CNY exceeds"):
        wish(market, 20, flex_up=4)
    assert credit_book.held == {}
    credit_book.limit = Decimal("271.2")
    assert wish(market, 20, flex_up=4).status == "CONFIRMED"


def test_a_pool_that_gives_more_finds_the_credit_held(market, credit_book):
    made.cycle(market)
    order = wish(market, 20, flex_up=4)
    held = credit_book.held[order.pk].amount
    close(order.lines.get().cycle)
    order.refresh_from_db()
    assert (line(order).quantity, line(order).flex_up, order.total_gross) == (24, 0, held)


def test_a_line_that_waits_for_its_ceiling_holds_its_flexibility_too(market, credit_book):
    order = wish(market, 20, flex_up=4, max_unit_price="9")
    [confirmed] = told(OrderConfirmed)
    assert (confirmed.lines, confirmed.waiting_amount) == ((), Decimal("271.2"))
    assert credit_book.held[order.pk].amount == Decimal("271.2")
    edit(market, order, LineEdit(1, 10))
    assert credit_book.held[order.pk].amount == Decimal("158.2")
    assert told(OrderChanged)[-1].waiting_amount == Decimal("158.2")


def test_the_limit_counts_what_waits(market, credit_book):
    credit_book.limit = Decimal("271.19")
    with pytest.raises(CreditRefused):
        wish(market, 20, flex_up=4, max_unit_price="9")
    assert credit_book.held == {}


def test_what_a_cycle_left_over_goes_on_holding_its_flexibility(credit_book):
    """One line is pooled cheaper; the other waits for its ceiling, with four units more that it may be given."""
    market = made.trade(products=2, dealers=2, breaks=((1, "10"), (40, "8")))
    cycle = made.cycle(market, policy={"sharing": {"dealer": 10_000, "platform": 0, "factory": 0}})
    rows = bulk_order.rows_of(
        [
            {"sku": market.products[0].sku, "quantity": 20},
            {"sku": market.products[1].sku, "quantity": 20, "flex_up": 4, "max_unit_price": "5"},
        ]
    )
    who = market.dealer_actor()
    with acting_as(who):
        order = bulk_order.submit(
            rows, dealer=market.dealers[0], ship_to=market.shops[0], by=who, at=NOW
        ).order
    wish(market, 20, dealer=1)
    assert credit_book.held[order.pk].amount == Decimal(452 + Decimal("45.2"))
    close(cycle)
    order.refresh_from_db()
    assert [one.pooled for one in order.lines.all()] == [20, 0]
    assert order.total_gross == Decimal("406.8")
    assert credit_book.held[order.pk].amount == Decimal(452)
    [changed] = [event for event in told(OrderChanged) if event.order_id == order.pk]
    assert changed.waiting_amount == Decimal("271.2")
