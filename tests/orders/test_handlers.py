"""Facts of other apps: twice, late or out of order they end the same."""

from decimal import Decimal

import pytest

from b2b.contracts.finance import InvoicedLine, InvoiceIssued
from b2b.contracts.logistics import (
    CarriedLine,
    CarriedShipment,
    DeliveredLine,
    DeliveryConfirmed,
    DeliveryFailed,
    Departed,
)
from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from b2b.db import invariants
from b2b.db.reconcilers import RECONCILERS
from b2b.db.selectors import history
from b2b.db.transactions import unit_of_work
from orders import handlers
from orders.models import Order, OrderLine
from orders.services.quantity import OutOfOrder
from tests.factories import orders as made
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(holds):
    with acting_as(system("outbox")):
        yield made.order(made.trade(), [10]).lines.get()


def carried(line, shipment_id):
    part = CarriedLine(
        order_id=line.order_id,
        order_version=2,
        order_line_id=line.pk,
        product_id=line.product_id,
        quantity=10,
    )
    shipment = CarriedShipment(
        shipment_id=shipment_id, number="S", dealer_id=line.dealer_id, ship_to_site_id=line.ship_to_site_id,
        package_ids=(), lines=(part,),
    )  # fmt: skip
    return Departed(
        occurred_at=NOW, trip_id=uuid7(), number="T", carrier_id=1, warehouse_site_id=1, shipments=(shipment,)
    )


def delivered(line, shipment_id):
    part = DeliveredLine(
        order_id=line.order_id, order_version=2, order_line_id=line.pk, product_id=line.product_id,
        delivered_quantity=10,
    )  # fmt: skip
    return DeliveryConfirmed(
        occurred_at=NOW, shipment_id=shipment_id, number="S", dealer_id=line.dealer_id, carrier_id=1,
        ship_to_site_id=line.ship_to_site_id, delivered_at=NOW, currency="CNY", freight_amount=Decimal(1),
        lines=(part,),
    )  # fmt: skip


def invoiced(line):
    part = InvoicedLine(
        order_id=line.order_id, order_line_id=line.pk, quantity=10, net_amount=line.net_amount
    )
    return InvoiceIssued(
        occurred_at=NOW, invoice_id=uuid7(), number="I", dealer_id=line.dealer_id, currency="CNY",
        net_amount=line.net_amount, tax_amount=Decimal(0), gross_amount=line.net_amount, due_date=NOW.date(),
        lines=(part,),
    )  # fmt: skip


def tell(handler, event):
    with unit_of_work():
        handler(event)


def test_goods_leave_fail_arrive_and_are_invoiced_once(line):
    shipment, bill = uuid7(), invoiced(line)
    with pytest.raises(OutOfOrder):
        tell(handlers.note_delivered, delivered(line, shipment))
    for _ in range(2):
        tell(handlers.note_shipped, carried(line, shipment))
        tell(
            handlers.note_failed,
            DeliveryFailed(
                occurred_at=NOW,
                shipment_id=shipment,
                number="S",
                dealer_id=line.dealer_id,
                carrier_id=1,
                reason="closed",
            ),
        )
    with pytest.raises(OutOfOrder):
        tell(handlers.note_invoiced, bill)
    for _ in range(2):
        tell(handlers.note_delivered, delivered(line, shipment))
        tell(handlers.note_invoiced, bill)
    line.refresh_from_db()
    assert (line.shipped, line.delivered, line.invoiced) == (10, 10, 10)
    assert Order.objects.get().status == "COMPLETED"
    verbs = [step.verb for step in history(system("test"), line.order_id)]
    assert verbs == ["place", "confirm", "fail_delivery", "complete"]


def test_a_bucket_that_is_not_its_events_is_found(line):
    OrderLine.objects.filter(pk=line.pk).update(covered=3)
    broken = invariants.check(["orders.lines"])[0].rows[0]
    assert (broken["bucket"], broken["expected"], broken["found"]) == ("covered", 0, 3)
    difference = RECONCILERS["orders"]().differences[0]
    assert (difference.expected, difference.found) == ("0", "3")
