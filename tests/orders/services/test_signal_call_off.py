"""What a factory commits to make for a buffer is bought, and what comes of it fulfils the signal by itself."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.orders import PurchaseOrderPlaced
from b2b.core.actor import acting_as, system
from orders.models import (
    BufferSnapshot,
    OrderCycle,
    ProductionSignal,
    PurchaseOrder,
    SignalCallOff,
    SignalTerms,
)
from orders.selectors import order_cycle as cycles
from orders.services import production_signal, purchase_order, purchase_order_approval
from orders.services.production_signal import InvalidAnswer
from orders.services.purchase_order import Answer
from tests.factories import agreements as agreed
from tests.factories import orders as made
from tests.factories import planning
from tests.factories.orders import NOW
from tests.orders.services.steps import send, take_in, told
from tests.orders.services.test_production_plan import plan, stock

pytestmark = pytest.mark.django_db
BY = system("test")


def committed(shelf, quantity=110, products=1):
    """A market whose factory committed to so much of what each buffer lacked, with its signal."""
    market = made.trade(products=products)
    for index in range(products):
        planning.buffer(market, index)
    stock(market, shelf, *[340] * products)
    plan(market)
    signal = ProductionSignal.objects.get(factory=market.maker)
    return market, answer(market, signal, quantity)


def answer(market, signal, quantity):
    numbers = signal.lines.values_list("line_number", flat=True)
    production_signal.answer(
        signal, committed=dict.fromkeys(numbers, quantity), by=market.factory_actor, at=NOW
    )
    signal.refresh_from_db()
    return signal


def on_order(key):
    return BufferSnapshot.objects.get(run__period_key=key).on_order


def test_a_commitment_is_bought_at_the_terms_and_counts_once_as_supply(shelf):
    market, _ = committed(shelf)
    [order] = PurchaseOrder.objects.all()
    [line] = order.lines.all()
    assert (order.status, order.factory, order.warehouse_site) == (
        "CONFIRMED",
        market.maker,
        market.warehouse,
    )
    assert (line.quantity, line.surplus_quantity, line.confirmed, line.unit_price) == (110, 110, 110, 8)
    assert [event.number for event in told(PurchaseOrderPlaced)] == [order.number]
    plan(market, "2026-11-24")
    assert on_order("2026-11-24") == 110


def test_what_is_received_fulfils_the_signal_whoever_tells_it_how_often(shelf):
    market, signal = committed(shelf, 100)
    [order] = PurchaseOrder.objects.all()
    send(market, order, 60)
    take_in(order, 60, times=2)
    line = signal.lines.get()
    assert (line.committed_quantity, line.ordered_quantity, line.fulfilled_quantity) == (100, 100, 60)
    stock(market, shelf, 400)
    plan(market, "2026-11-24")
    assert on_order("2026-11-24") == 40
    send(market, order, 40)
    take_in(order, 40)
    signal.refresh_from_db()
    order.refresh_from_db()
    assert (signal.lines.get().fulfilled_quantity, signal.status, order.status) == (
        100,
        "FULFILLED",
        "CLOSED",
    )


def test_a_later_answer_buys_the_rest_and_takes_nothing_back(shelf):
    market, signal = committed(shelf, 30)
    with pytest.raises(InvalidAnswer):
        answer(market, signal, 29)
    answer(market, signal, 80)
    bought = PurchaseOrder.objects.order_by("pk")
    assert [order.lines.get().quantity for order in bought] == [30, 50]
    for order, quantity in zip(bought, (30, 50), strict=True):
        assert ProductionSignal.objects.get().status == "COMMITTED"
        send(market, order, quantity)
        take_in(order, quantity)
    assert ProductionSignal.objects.get().status == "FULFILLED"
    assert sum(SignalCallOff.objects.values_list("quantity", flat=True)) == 80


def test_a_factory_that_comes_short_of_its_purchase_order_ends_the_signal_with_it(shelf):
    market, signal = committed(shelf, 100)
    [order] = PurchaseOrder.objects.all()
    purchase_order.respond(order, answers=[Answer(1, 70)], by=market.factory_actor, at=NOW)
    send(market, order, 70)
    take_in(order, 70)
    signal.refresh_from_db()
    assert (signal.lines.get().fulfilled_quantity, signal.status) == (70, "FULFILLED")


@pytest.mark.parametrize("is_bought", [True, False])
def test_terms_say_whether_it_is_bought_and_where_to(shelf, is_bought):
    market = made.trade()
    other = made.trade().warehouse
    SignalTerms.objects.create(factory=market.maker, is_bought=is_bought, warehouse_site=other)
    planning.buffer(market)
    stock(market, shelf, 340)
    plan(market)
    signal = ProductionSignal.objects.get(factory=market.maker)
    answer(market, signal, 110)
    assert [order.warehouse_site for order in PurchaseOrder.objects.all()] == [other] * is_bought


def test_dealers_hear_nothing_of_a_purchase_for_stock(shelf):
    market, _ = committed(shelf)
    [cycle] = OrderCycle.objects.all()
    assert (cycle.for_stock, cycle.status) == (True, "CONFIRMED")
    assert not cycles.visible(market.dealer_actor()).exists()
    assert cycles.visible(market.factory_actor).get() == cycle


def test_a_purchase_that_somebody_has_to_approve_waits_and_a_declined_one_ends_the_signal(shelf):
    market = made.trade()
    agreed.approval_rule(market.warehouse.organization, amount_from=100)
    planning.buffer(market)
    stock(market, shelf, 340)
    plan(market)
    signal = answer(market, ProductionSignal.objects.get(), 110)
    [order] = PurchaseOrder.objects.all()
    assert (order.status, signal.status) == ("AWAITING_APPROVAL", "COMMITTED")
    boss = agreed.member(market.warehouse.organization)
    with acting_as(boss):
        purchase_order_approval.decline(order, reason="enough of it", by=boss, at=NOW)
    signal.refresh_from_db()
    assert (signal.status, signal.lines.get().fulfilled_quantity) == ("FULFILLED", 0)
    plan(market, "again")
    assert on_order("again") == 0


def test_the_number_of_statements_does_not_grow_with_the_lines(shelf):
    counts = []
    for products in (2, 20):
        market = made.trade(products=products)
        SignalTerms.objects.create(factory=market.maker, warehouse_site=market.warehouse)
        for index in range(products):
            planning.buffer(market, index)
        stock(market, shelf, *[340] * products)
        plan(market)
        signal = ProductionSignal.objects.get(factory=market.maker)
        with CaptureQueriesContext(connection) as caught:
            answer(market, signal, 110)
        assert PurchaseOrder.objects.get(factory=market.maker).lines.count() == products
        counts.append(len(caught))
    assert counts[0] == counts[1]
