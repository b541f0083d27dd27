"""From a confirmed purchase order to goods received, delivered and invoiced."""

import pytest

from b2b.contracts.warehousing import ReceivedLine
from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from orders.models import (
    Order,
    ProductionSignal,
)
from orders.services import (
    despatch_advice,
    fulfilment,
    goods_receipt,
    production_signal,
)
from orders.services.despatch_advice import Despatched
from orders.services.quantity import OutOfOrder
from tests.factories import orders as made
from tests.orders.services.steps import LATER, carried, close, delivered, invoiced, lines_of, short_cycle

pytestmark = pytest.mark.django_db


def test_goods_go_all_the_way():
    market, orders, placed = short_cycle(100)
    with acting_as(market.factory_actor):
        advice = despatch_advice.receive(
            placed,
            lines=[Despatched(1, 60, lot_number="L1"), Despatched(1, 40)],
            expected_at=LATER,
            external_reference="D-1",
            by=market.factory_actor,
            at=LATER,
        )
        again = despatch_advice.receive(
            placed, lines=[Despatched(1, 60)], expected_at=LATER, external_reference="D-1",
            by=market.factory_actor, at=LATER,
        )  # fmt: skip
        assert again == advice
    receipt = uuid7()
    part = ReceivedLine(
        purchase_order_line_id=placed.lines.get().pk,
        product_id=market.products[0].pk,
        accepted_quantity=100,
        rejected_quantity=0,
    )
    for _ in range(2):
        goods_receipt.note(placed.pk, lines=[part], receipt_id=receipt, by=system("test"), at=LATER)
    assert [line.received for line in lines_of(*orders)] == [25, 35, 40]
    placed.refresh_from_db()
    assert (placed.status, placed.cycle.status) == ("CLOSED", "CLOSED")
    advice.refresh_from_db()
    assert advice.status == "RECEIVED"
    line = lines_of(orders[0])[0]
    shipment, bill = uuid7(), uuid7()
    with pytest.raises(OutOfOrder):
        fulfilment.note_delivery(shipment, [delivered(line, 25)], by=system("test"), at=LATER)
    for _ in range(2):
        fulfilment.note_departure([carried(line, shipment)], at=LATER)
        fulfilment.note_delivery(shipment, [delivered(line, 25)], by=system("test"), at=LATER)
        fulfilment.note_invoice(bill, [invoiced(line, 25)], at=LATER)
    line.refresh_from_db()
    assert (line.shipped, line.delivered, line.invoiced) == (25, 25, 25)
    assert Order.objects.get(pk=orders[0].pk).status == "COMPLETED"


def test_a_factory_answers_a_signal():
    market = made.trade()
    cycle = made.cycle(market)
    made.order(market, [10])
    close(cycle)
    signal = ProductionSignal.objects.get()
    with acting_as(market.factory_actor):
        production_signal.acknowledge(signal, by=market.factory_actor, at=LATER)
        with pytest.raises(production_signal.InvalidAnswer):
            production_signal.answer(signal, committed={1: 11}, by=market.factory_actor, at=LATER)
        production_signal.answer(signal, committed={1: 6}, by=market.factory_actor, at=LATER)
    signal.refresh_from_db()
    assert signal.status == "COMMITTED"
    assert [line.committed_quantity for line in signal.lines.all()] == [6, 0]
