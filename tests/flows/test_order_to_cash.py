"""One order from the dealer's upload to the last cent: every document, every fact, every bucket, the timeline."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from b2b.contracts import finance, logistics, orders, warehousing
from b2b.core.actor import acting_as
from b2b.tower.models import TimelineEntry
from finance import facade
from finance.models import Invoice, JournalLine
from logistics.models import ProofOfDelivery, Shipment
from orders.models import Order, OrderLine, ProductionSignal, PurchaseOrder, SavingsStatement
from tests.factories import orders as make
from tests.flows.chain import PLATFORM, Chain, sound, told
from warehousing.models import Demand, PackageLine, Receipt

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain() -> Chain:
    """Two dealers and a factory with a price break at 100; the first cycle ends tomorrow."""
    return Chain.of(make.trade(breaks=((1, "10"), (100, "8")), dealers=2))


def test_one_order_from_upload_to_the_last_cent(chain: Chain) -> None:
    with acting_as(PLATFORM):
        cycle = make.cycle(chain.trade, hours=24, recurrence={"every": "days", "interval": 2})
        order = _order_placed(chain)
        rival = chain.wants(60, dealer=1)
        placed = _cycle_closed(chain, cycle, order)
        _factory_answers(chain, placed, order)
        _factory_sends(chain, placed)
        _goods_arrive(chain, order)
        _goods_are_packed(chain, order)
        _vehicle_leaves(chain, order)
        _dealer_signs(chain, order, rival)
        invoice = _invoice(order)
        _payment(chain, order, invoice)
        _the_story(order, invoice)
        assert sound()


def _order_placed(chain: Chain) -> Order:
    order = chain.wants(50)
    assert order.status == "CONFIRMED"
    assert order.total_net == 500, "alone the dealer pays the list price"
    assert told(orders.OrderConfirmed) == 1
    assert Demand.objects.get(order_id=order.pk).quantity == 50
    position = facade.position(dealer_id=order.dealer_id, currency="CNY")
    assert position.reserved.amount == order.total_net + order.total_tax
    return order


def _cycle_closed(chain: Chain, cycle: object, order: Order) -> PurchaseOrder:
    placed = chain.closes(cycle)
    line = placed.lines.get()
    assert (line.quantity, line.unit_price) == (110, Decimal(8)), "two dealers together reach the break"
    assert told(orders.PurchaseOrderPlaced) == told(orders.ProductionSignalRaised) == 1
    assert told(orders.OrderChanged) == told(orders.SavingsStated) == 2
    assert ProductionSignal.objects.get().factory_id == chain.trade.maker.pk
    order.refresh_from_db()
    assert order.total_net < 500
    saved = SavingsStatement.objects.get(dealer_id=order.dealer_id)
    assert saved.baseline == 500
    assert saved.dealer_share == 500 - order.total_net, "the new price is the dealer's share of the saving"
    return placed


def _factory_answers(chain: Chain, placed: PurchaseOrder, order: Order) -> None:
    chain.answers(placed)
    placed.refresh_from_db()
    assert placed.status == "CONFIRMED"
    assert told(orders.PurchaseOrderConfirmed) == told(orders.SupplyAllocated) == 1
    assert chain.line_of(order).allocated == 50


def _factory_sends(chain: Chain, placed: PurchaseOrder) -> None:
    chain.sends(placed, 110)
    assert told(orders.DespatchAdvised) == 1
    assert Receipt.objects.get().status == "EXPECTED"


def _goods_arrive(chain: Chain, order: Order) -> None:
    chain.receives()
    assert told(warehousing.GoodsReceived) == 1
    assert Receipt.objects.get().status == "RECEIVED"
    assert chain.line_of(order).received == 50


def _goods_are_packed(chain: Chain, order: Order) -> None:
    chain.packs()
    assert told(warehousing.PackagesReady) == 1
    packed = PackageLine.objects.filter(demand__order_line_id=chain.line_of(order).pk)
    assert sum(packed.values_list("quantity", flat=True)) == 50
    assert Shipment.objects.filter(status="READY").count() == 2


def _vehicle_leaves(chain: Chain, order: Order) -> None:
    [left] = chain.departs()
    assert left.carrier_id == chain.carrier.pk
    assert told(logistics.Departed) == 1
    assert chain.line_of(order).shipped == 50


def _dealer_signs(chain: Chain, order: Order, rival: Order) -> None:
    chain.delivers()
    assert told(logistics.DeliveryConfirmed) == ProofOfDelivery.objects.count() == 2
    for one in (order, rival):
        one.refresh_from_db()
        assert one.status == "COMPLETED"
    assert chain.line_of(order).delivered == 50


def _invoice(order: Order) -> Invoice:
    invoice = Invoice.objects.get(dealer_id=order.dealer_id)
    assert (invoice.net_amount, invoice.tax_amount) == (order.total_net, order.total_tax)
    assert told(finance.InvoiceIssued) == 2
    assert OrderLine.objects.get(order=order).invoiced == 50
    assert invoice.due_date == invoice.issue_date + timedelta(days=invoice.payment_terms_days)
    position = facade.position(dealer_id=order.dealer_id, currency="CNY")
    assert (position.reserved.amount, position.used.amount) == (0, invoice.gross_amount)
    return invoice


def _payment(chain: Chain, order: Order, invoice: Invoice) -> None:
    chain.pays(invoice)
    invoice.refresh_from_db()
    assert (invoice.status, invoice.open_amount) == ("PAID", 0)
    assert told(finance.PaymentReceived) == 1
    assert facade.position(dealer_id=order.dealer_id, currency="CNY").used.amount == 0
    amounts = list(JournalLine.objects.filter(account__unit="CNY").values_list("amount", flat=True))
    assert amounts
    assert sum(amounts) == 0


def _the_story(order: Order, invoice: Invoice) -> None:
    story = list(TimelineEntry.objects.filter(order_id=order.pk).order_by("at", "pk"))
    steps = [entry.step for entry in story]
    assert steps == [
        "confirmed",
        "changed",
        "allocated",
        "packed",
        "shipped",
        "delivered",
        "invoiced",
        "paid",
    ]
    assert {entry.dealer_id for entry in story} == {order.dealer_id}
    assert invoice.pk in {entry.document_id for entry in story}
