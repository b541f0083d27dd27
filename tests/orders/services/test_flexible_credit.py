"""What a pool may give an order beyond what it asked for holds credit too, from the confirmation on."""

from decimal import Decimal

import pytest

from b2b.contracts.orders import OrderConfirmed
from orders.services.order import CreditRefused
from tests.factories import orders as made
from tests.orders.services.steps import close, told
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
