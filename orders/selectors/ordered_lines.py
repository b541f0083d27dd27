"""The lines of orders as events carry them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from b2b.contracts.orders import OrderChanged, OrderedLine
from b2b.db.bulk import fetch
from orders.models import Order


def of_orders(order_ids: Iterable[UUID]) -> dict[UUID, tuple[OrderedLine, ...]]:
    """Return what each order still wants, in line order, in one query; the caller holds the orders."""
    found: dict[UUID, list[OrderedLine]] = defaultdict(list)
    for order_id, line_id, number, product_id, quantity, price, tax_rate, site_id, need_by, returned in fetch(
        """
        SELECT order_id, id, line_number, product_id, quantity - cancelled, unit_price, tax_rate, ship_to_site_id,
            need_by_date, returned
        FROM orders_orderline WHERE order_id = ANY(%s) ORDER BY order_id, line_number
        """,
        [list(order_ids)],
    ):
        found[order_id].append(
            OrderedLine(
                line_id=line_id,
                line_number=number,
                product_id=product_id,
                quantity=quantity,
                unit_price=price,
                tax_rate=tax_rate,
                ship_to_site_id=site_id,
                need_by_date=need_by,
                returned_quantity=returned,
            )
        )
    return {order_id: tuple(lines) for order_id, lines in found.items()}


def changed(order: Order, lines: tuple[OrderedLine, ...], *, reason: str, at: datetime) -> OrderChanged:
    """Return what is told of a changed order with its lines as they now stand."""
    return OrderChanged(
        occurred_at=at,
        order_id=order.pk,
        number=order.number,
        version=order.version,
        dealer_id=order.dealer_id,
        currency=order.currency,
        payment_terms_days=order.payment_terms_days,
        reason=reason,
        lines=lines,
    )
