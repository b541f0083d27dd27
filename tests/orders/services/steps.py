"""Steps that the service tests share."""

from __future__ import annotations

import json
from datetime import timedelta

from b2b.contracts.finance import InvoicedLine
from b2b.contracts.logistics import CarriedLine, CarriedShipment, DeliveredLine
from b2b.contracts.warehousing import ReceivedLine
from b2b.core import clock
from b2b.core.actor import system
from b2b.core.ids import uuid7
from b2b.outbox.models import OutboxEvent
from orders.models import OrderLine
from orders.services import despatch_advice, goods_receipt, order_change, order_cycle, purchase_order
from orders.services.despatch_advice import Despatched
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.factories.orders import NOW

LATER = NOW + timedelta(hours=25)


def told(event):
    return [
        event.from_json(json.dumps(one.payload))
        for one in OutboxEvent.objects.filter(topic=event.topic).order_by("id")
    ]


def close_all(cycle):
    """Close a cycle after its cut-off; its purchase orders, one per factory."""
    with clock.travel(LATER):
        return order_cycle.close(cycle, by=system("test"), at=LATER)


def close(cycle):
    """Close a cycle of one factory; None when nothing was wanted."""
    placed = close_all(cycle)
    assert len(placed) <= 1
    return placed[0] if placed else None


def edit(market, order, *edits, dealer=0, at=NOW, **values):
    """The dealer changes its order."""
    with clock.travel(at):
        result = order_change.change(order, edits=edits, by=market.dealer_actor(dealer), at=at, **values)
    order.refresh_from_db()
    return result


def lines_of(*orders):
    return list(OrderLine.objects.filter(order__in=orders).order_by("pk"))


def short_cycle(confirmed):
    market = made.trade(dealers=3, breaks=((1, "10"),))
    cycle = made.cycle(market)
    orders = [made.order(market, [wanted], dealer=index) for index, wanted in enumerate((25, 35, 40))]
    placed = close(cycle)
    purchase_order.respond(placed, answers=[Answer(1, confirmed)], by=market.factory_actor, at=LATER)
    return market, orders, placed


def send(market, placed, quantity):
    """The factory sends a quantity of the only line."""
    return despatch_advice.receive(
        placed, lines=[Despatched(1, quantity)], expected_at=LATER, by=market.factory_actor, at=LATER
    )


def take_in(placed, accepted, *, rejected=0, missing=0, times=1):
    """The warehouse tells, so many times, what it found of the only line."""
    line = placed.lines.get()
    part = ReceivedLine(
        purchase_order_line_id=line.pk, product_id=line.product_id, accepted_quantity=accepted,
        rejected_quantity=rejected, missing_quantity=missing,
    )  # fmt: skip
    receipt = uuid7()
    for _ in range(times):
        goods_receipt.note(placed.pk, lines=[part], receipt_id=receipt, by=system("test"), at=LATER)
    placed.refresh_from_db()


def carried(line, shipment_id):
    """All of an order line in one shipment."""
    part = CarriedLine(
        order_id=line.order_id, order_version=2, order_line_id=line.pk, product_id=line.product_id,
        quantity=line.quantity,
    )  # fmt: skip
    return CarriedShipment(
        shipment_id=shipment_id, number="S", dealer_id=line.dealer_id, ship_to_site_id=line.ship_to_site_id,
        package_ids=(), lines=(part,),
    )  # fmt: skip


def delivered(line, quantity, short=0):
    """What was signed for of an order line, and what was not taken."""
    return DeliveredLine(
        order_id=line.order_id, order_version=2, order_line_id=line.pk, product_id=line.product_id,
        delivered_quantity=quantity, short_quantity=short,
    )  # fmt: skip


def invoiced(line, quantity):
    """An order line on an invoice."""
    return InvoicedLine(
        order_id=line.order_id, order_line_id=line.pk, quantity=quantity, net_amount=line.net_amount
    )
