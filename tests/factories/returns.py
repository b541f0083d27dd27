"""Delivered orders, and what comes back of them; made by the services of orders alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from b2b.contracts.finance import CreditedLine, InvoicedLine
from b2b.contracts.logistics import CarriedLine, CarriedShipment, DeliveredLine
from b2b.contracts.warehousing import ReceivedLine, ReturnedLine
from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from b2b.core.money import Money
from orders.models import Order, OrderLine, PurchaseOrder, ReturnAuthorisation
from orders.services import (
    fulfilment,
    goods_receipt,
    order_cycle,
    purchase_order,
    return_progress,
    returns,
)
from orders.services.returns import Wanted
from tests.factories import orders as make
from tests.factories.orders import NOW, Trade

PLATFORM = system("test")


@dataclass
class Delivered:
    """Orders of one line each that were pooled, received, shipped, signed for and invoiced."""

    market: Trade
    orders: list[Order]
    placed: PurchaseOrder

    def line(self, index: int = 0) -> OrderLine:
        """Return the line of an order as it is now."""
        with acting_as(PLATFORM):
            return OrderLine.objects.get(order=self.orders[index])

    def asked(
        self, quantity: int, *, index: int = 0, reason: str = "DAMAGED", at: datetime = NOW
    ) -> ReturnAuthorisation:
        """Let the dealer of an order ask to give units back."""
        by = self.market.dealer_actor(index)
        with acting_as(by):
            return returns.request(self.orders[index], lines=[Wanted(1, quantity, reason)], by=by, at=at)

    def returned(self, quantity: int, *, index: int = 0, reason: str = "DAMAGED") -> ReturnAuthorisation:
        """Let units come back: asked for, allowed, received."""
        made = self.asked(quantity, index=index, reason=reason)
        with acting_as(PLATFORM):
            returns.authorise(made, by=PLATFORM, at=NOW)
            come_back(made)
        return made


def come_back(made: ReturnAuthorisation, part: int | None = None) -> None:
    """Tell that what may come back did, or `part` of each line."""
    lines = [
        ReturnedLine(
            return_line_id=line.pk,
            order_line_id=line.order_line_id,
            product_id=line.order_line.product_id,
            shipment_id=line.shipment_id,
            quantity=line.approved if part is None else part,
        )
        for line in made.lines.select_related("order_line")
    ]
    return_progress.note_received(made.pk, lines, by=PLATFORM, at=NOW)


def credited(made: ReturnAuthorisation, *, credit_note_id: UUID | None = None) -> None:
    """Tell that what came back was credited at 1.00 each."""
    lines = [
        CreditedLine(
            order_id=made.order_id,
            order_line_id=line.order_line_id,
            return_line_id=line.pk,
            quantity=line.received,
            net_amount=Money.of(line.received, made.currency).amount,
        )
        for line in made.lines.all()
    ]
    total = Money.of(sum(line.quantity for line in lines), made.currency)
    return_progress.note_credited(
        made.pk, lines, credit_note_id=credit_note_id or uuid7(), net=total, gross=total, by=PLATFORM, at=NOW
    )


def delivered(
    quantities: Sequence[int] = (60, 40),
    *,
    market: Trade | None = None,
    at: datetime = NOW,
    rejected: int = 0,
) -> Delivered:
    """Let each dealer of a market order one quantity and get it."""
    market = market or make.trade(dealers=len(quantities))
    with acting_as(PLATFORM):
        cycle = make.cycle(market)
        orders = [make.order(market, [quantity], dealer=index) for index, quantity in enumerate(quantities)]
        [placed] = order_cycle.close(cycle, early=True, by=PLATFORM, at=NOW)
        purchase_order.respond(placed, by=PLATFORM, at=NOW)
        supply = placed.lines.get()
        got = ReceivedLine(
            purchase_order_line_id=supply.pk,
            product_id=supply.product_id,
            accepted_quantity=sum(quantities) - rejected,
            rejected_quantity=rejected,
        )
        goods_receipt.note(placed.pk, lines=[got], receipt_id=uuid7(), by=PLATFORM, at=NOW)
        for order in orders:
            carry(order, at=at)
    return Delivered(market, orders, placed)


def carry(order: Order, *, at: datetime = NOW) -> UUID:
    """Ship, deliver and invoice what an order has received; return the shipment."""
    line = order.lines.get()
    shipment_id = uuid7()
    carried = CarriedLine(
        order_id=order.pk,
        order_version=order.version,
        order_line_id=line.pk,
        product_id=line.product_id,
        quantity=line.received,
    )
    shipment = CarriedShipment(
        shipment_id=shipment_id,
        number=f"SH-{order.number}",
        dealer_id=order.dealer_id,
        ship_to_site_id=line.ship_to_site_id,
        package_ids=(),
        lines=(carried,),
    )
    fulfilment.note_departure([shipment], at=at)
    arrived = DeliveredLine(
        order_id=order.pk,
        order_version=order.version,
        order_line_id=line.pk,
        product_id=line.product_id,
        delivered_quantity=line.received,
    )
    fulfilment.note_delivery(shipment_id, [arrived], by=PLATFORM, at=at)
    billed = InvoicedLine(
        order_id=order.pk, order_line_id=line.pk, quantity=line.received, net_amount=line.net_amount
    )
    fulfilment.note_invoice(uuid7(), [billed], at=at)
    return shipment_id
