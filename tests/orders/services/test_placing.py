"""An order is priced, held against credit and joined to a cycle."""

import json
from decimal import Decimal

import pytest

from b2b.contracts.orders import OrderConfirmed
from b2b.core import clock
from b2b.core.actor import acting_as
from b2b.outbox.models import OutboxEvent
from orders.models import Order
from orders.selectors import ordered_lines
from orders.services import bulk_order, order
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, lines_of, told

pytestmark = pytest.mark.django_db


def test_an_order_is_confirmed_with_price_credit_and_cycle(credit_book):
    market = made.trade()
    cycle = made.cycle(market)
    placed = made.order(market, [120])
    assert placed.status == "CONFIRMED"
    assert (placed.total_net, placed.total_tax) == (Decimal(960), Decimal("124.80"))
    assert credit_book.held[placed.pk].amount == Decimal("1084.80")
    line = placed.lines.get()
    assert (line.cycle_id, line.requested, line.unpooled) == (cycle.pk, 120, 120)
    event = told(OrderConfirmed)[0]
    assert (event.order_id, event.version, event.lines[0].line_id) == (placed.pk, placed.version, line.pk)


def test_refused_credit_leaves_nothing(credit_book):
    market = made.trade()
    credit_book.limit = Decimal(1000)
    with pytest.raises(order.CreditRefused) as refused:
        made.order(market, [120])
    assert refused.value.context["shortfall"] == "84.80"
    assert not Order.objects.exists()
    assert not OutboxEvent.objects.filter(topic=OrderConfirmed.topic).exists()


def test_a_reference_is_used_once():
    market = made.trade()
    made.order(market, [1], external_reference="A1")
    made.order(market, [1], external_reference="A1", dealer=1)
    with pytest.raises(order.DuplicateReference):
        made.order(market, [1], external_reference="A1")


def test_cancel_is_free_before_the_cutoff_only(credit_book):
    market = made.trade()
    made.cycle(market)
    first, second = made.order(market, [5]), made.order(market, [5])
    with acting_as(market.dealer_actor()):
        cancelled = order.cancel(first, by=market.dealer_actor(), at=NOW)
    assert cancelled.status == "CANCELLED"
    assert credit_book.released == [first.pk]
    assert lines_of(first)[0].cancelled == 5
    with clock.travel(LATER), pytest.raises(order.cycle_membership.CutoffPassed):
        order.cancel(second, by=market.dealer_actor(), at=LATER)


def test_an_event_written_line_by_line_is_what_the_contract_would_write(credit_book):
    market = made.trade(products=3, breaks=((1, "10"), (50, "8.123456")))
    made.cycle(market)
    sku = [product.sku for product in market.products]
    rows = [
        {"sku": sku[0], "quantity": 40, "need_by_date": "2099-12-31", "flex_up": 3},
        {"sku": sku[1], "quantity": 7},
        {"sku": sku[0], "quantity": 12},
        {"sku": sku[2], "quantity": 5, "max_unit_price": "9"},
        {"sku": sku[1], "quantity": 1},
    ]
    who = market.dealer_actor()
    with acting_as(who):
        placed = bulk_order.submit(
            bulk_order.rows_of(rows), dealer=market.dealers[0], ship_to=market.shops[0], by=who, at=NOW
        ).order
    [event] = told(OrderConfirmed)
    stands = ordered_lines.of_orders([placed.pk])[placed.pk]
    assert (event.lines, event.waiting_amount) == (stands.lines, stands.waiting_amount)
    assert [line.quantity for line in event.lines] == [40, 7, 12, 1]
    [payload] = OutboxEvent.objects.filter(topic=OrderConfirmed.topic).values_list("payload", flat=True)
    assert payload == json.loads(event.to_json())
    assert list(payload["lines"][0]) == list(json.loads(event.to_json())["lines"][0])
