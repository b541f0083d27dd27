"""Write an accepted substitute: a line of the order, a line of the purchase order, and the peg between them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from b2b.core.actor import Actor
from b2b.core.money import round_to_currency
from orders.models import (
    Order,
    OrderLine,
    Peg,
    PurchaseOrder,
    PurchaseOrderLine,
    ScheduleLine,
    Substitution,
)
from orders.services import allocation, order_restating, purchase_order_restating, quantity, supply


def take(offer: Substitution, order: Order, purchase: PurchaseOrder, *, by: Actor, at: datetime) -> None:
    """Give up the short part of a line, order and buy the substitute; the caller holds both documents and the offer."""
    source = f"substitution:{offer.pk}"
    line = _order_line(offer, order)
    quantity.advance([(offer.order_line_id, "cancelled", offer.quantity)], source=source, at=at)
    order_restating.restate(order, lines=[offer.order_line_id], reason="substitute accepted", by=by, at=at)
    bought = _purchase_line(offer, purchase)
    supply.advance([(bought.pk, "confirmed", offer.substitute_quantity)], source=source, at=at)
    schedule = bought.schedule_lines.get(split_of=None)
    Peg.objects.create(
        schedule_line=schedule,
        purchase_order_line=bought,
        order_line=line,
        dealer_id=offer.dealer_id,
        pegged=offer.substitute_quantity,
    )
    purchase.response_version += 1
    PurchaseOrder.objects.filter(pk=purchase.pk).update(response_version=purchase.response_version)
    purchase_order_restating.restate(purchase, reason="substitute accepted", by=by, at=at)
    allocation.share(purchase, lines=[bought.pk], at=at)


def _order_line(offer: Substitution, order: Order) -> OrderLine:
    old = offer.order_line
    net = round_to_currency(offer.unit_price * offer.substitute_quantity, order.currency)
    last = order.lines.aggregate(last=Max("line_number"))["last"]
    return OrderLine.objects.create(
        order=order,
        dealer_id=order.dealer_id,
        line_number=last + 1,
        product=offer.product,
        factory_id=old.factory_id,
        quantity=offer.substitute_quantity,
        first_requested=offer.substitute_quantity,
        requested=offer.substitute_quantity,
        entered_quantity=offer.substitute_quantity,
        entered_unit=offer.product.base_unit,
        unit_price=offer.unit_price,
        solo_unit_price=offer.unit_price,
        tax_rate=offer.product.tax_rate,
        net_amount=net,
        tax_amount=round_to_currency(net * offer.product.tax_rate, order.currency),
        ship_to_site_id=old.ship_to_site_id,
        need_by_date=old.need_by_date,
    )


def _purchase_line(offer: Substitution, purchase: PurchaseOrder) -> PurchaseOrderLine:
    """Return the line that buys the substitute at its price, grown or new."""
    price, extra = offer.purchase_unit_price, offer.substitute_quantity
    known = PurchaseOrderLine.objects.filter(
        purchase_order=purchase, product=offer.product, unit_price=price, response_code="SUBSTITUTED"
    ).first()
    if known is None:
        return _new_line(offer, purchase)
    known.quantity += extra
    known.net_amount = round_to_currency(price * known.quantity, purchase.currency)
    known.save(update_fields=["quantity", "net_amount"])
    schedule = known.schedule_lines.get(split_of=None)
    schedule.quantity += extra
    schedule.confirmed_quantity = (schedule.confirmed_quantity or 0) + extra
    schedule.save(update_fields=["quantity", "confirmed_quantity"])
    return known


def _new_line(offer: Substitution, purchase: PurchaseOrder) -> PurchaseOrderLine:
    last = purchase.lines.aggregate(number=Max("line_number"), window=Max("window_number"))
    line = PurchaseOrderLine.objects.create(
        purchase_order=purchase,
        factory_id=purchase.factory_id,
        line_number=last["number"] + 1,
        # A window of its own: the product may be bought in the ordinary way too, at another price.
        window_number=last["window"] + 1,
        product=offer.product,
        quantity=offer.substitute_quantity,
        unit_price=offer.purchase_unit_price,
        net_amount=round_to_currency(
            offer.purchase_unit_price * offer.substitute_quantity, purchase.currency
        ),
        requested_date=offer.promised_date,
        promised_date=offer.promised_date,
        response_code="SUBSTITUTED",
        response_version=purchase.response_version,
    )
    ScheduleLine.objects.create(
        purchase_order_line=line,
        factory_id=purchase.factory_id,
        quantity=offer.substitute_quantity,
        requested_date=offer.promised_date,
        confirmed_quantity=offer.substitute_quantity,
        promised_date=offer.promised_date,
        unit_price=offer.purchase_unit_price,
        response_code="SUBSTITUTED",
        response_version=purchase.response_version,
    )
    return line
