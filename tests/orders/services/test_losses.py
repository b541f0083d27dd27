"""What is lost on the way holds nobody up: it returns to demand, or it is owed no more."""

import pytest

from b2b.contracts.orders import OrderChanged, SupplyAllocated
from b2b.core.actor import system
from b2b.core.ids import uuid7
from orders.models import Order, Peg
from orders.services import fulfilment, order, purchase_order
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.orders.services.steps import (
    LATER,
    carried,
    close,
    delivered,
    lines_of,
    send,
    short_cycle,
    take_in,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("loss", [{"rejected": 20}, {"missing": 20}, {"rejected": 5, "missing": 15}])
def test_goods_lost_at_receipt_return_to_demand_and_the_rest_is_complete(loss):
    market, orders, placed = short_cycle(100)
    send(market, placed, 100)
    take_in(placed, 80, **loss, times=2)
    assert (placed.status, placed.cycle.status) == ("CLOSED", "CLOSED")
    assert placed.despatch_advices.get().status == "RECEIVED"
    lines = lines_of(*orders)
    assert [line.received for line in lines] == [20, 28, 32]
    assert [line.pooled for line in lines] == [20, 28, 32]
    assert [line.unpooled for line in lines] == [5, 7, 8]
    sharing = told(SupplyAllocated)[-1]
    assert (sharing.version, [part.quantity for part in sharing.allocations]) == (2, [20, 28, 32])
    again = close(made.cycle(market, hours=20))
    assert again.lines.get().quantity == 20


def test_a_factory_may_send_again_what_was_rejected():
    market, orders, placed = short_cycle(100)
    send(market, placed, 60)
    take_in(placed, 50, rejected=10)
    assert (placed.status, placed.lines.get().confirmed) == ("CONFIRMED", 90)
    purchase_order.respond(placed, answers=[Answer(1, 100)], by=market.factory_actor, at=LATER)
    send(market, placed, 50)
    take_in(placed, 50)
    assert placed.status == "CLOSED"
    assert [line.received for line in lines_of(*orders)] == [25, 35, 40]


def test_a_factory_that_gives_up_the_rest_closes_the_purchase_order():
    market, orders, placed = short_cycle(100)
    send(market, placed, 60)
    take_in(placed, 60)
    assert placed.status == "CONFIRMED"
    purchase_order.respond(placed, answers=[Answer(1, 60)], by=market.factory_actor, at=LATER)
    placed.refresh_from_db()
    assert (placed.status, placed.cycle.status) == ("CLOSED", "CLOSED")
    assert [line.unpooled for line in lines_of(*orders)] == [10, 14, 16]


def test_dealers_are_served_before_the_surplus():
    market = made.trade(dealers=2, breaks=((1, "10"), (50, "5")))
    orders = [made.order(market, [wanted], dealer=index) for index, wanted in enumerate((25, 20))]
    placed = close(made.cycle(market))
    purchase_order.respond(placed, by=market.factory_actor, at=LATER)
    send(market, placed, 47)
    take_in(placed, 47)
    assert [line.received for line in lines_of(*orders)] == [25, 20]
    assert Peg.objects.get(order_line=None).received == 2


def test_what_was_not_taken_at_the_door_is_owed_no_more():
    line = made.order(made.trade(), [10]).lines.get()
    shipment = uuid7()
    fulfilment.note_departure([carried(line, shipment)], at=LATER)
    for _ in range(2):
        fulfilment.note_delivery(shipment, [delivered(line, 7, short=3)], by=system("test"), at=LATER)
    line.refresh_from_db()
    assert (line.shipped, line.delivered, line.returned) == (10, 7, 3)
    assert line.order.status == "COMPLETED"
    [change] = told(OrderChanged)
    assert (change.lines[0].quantity, change.lines[0].returned_quantity) == (10, 3)


def test_goods_packed_before_an_order_was_withdrawn_are_followed_to_the_door():
    placed = made.order(made.trade(), [10])
    other = made.order(made.trade(), [10])
    order.cancel(placed, by=system("test"), at=LATER)
    lines, shipment = [placed.lines.get(), other.lines.get()], uuid7()
    for _ in range(2):
        fulfilment.note_departure([carried(line, shipment) for line in lines], at=LATER)
    fulfilment.note_delivery(shipment, [delivered(line, 10) for line in lines], by=system("test"), at=LATER)
    assert [(line.cancelled, line.delivered) for line in lines_of(placed, other)] == [(0, 10), (0, 10)]
    assert [one.status for one in Order.objects.order_by("pk")] == ["CANCELLED", "COMPLETED"]
