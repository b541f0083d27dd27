"""The lines of orders as events carry them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from b2b.contracts.orders import OrderChanged, OrderedLine
from b2b.db.bulk import fetch, unnest
from orders.models import Order

# Member of OrderedLine -> how it is read.
_MEMBERS: Final = {
    "line_id": "line.id",
    "line_number": "line.line_number",
    "product_id": "line.product_id",
    "quantity": "line.quantity - line.cancelled",
    "unit_price": "line.unit_price",
    "tax_rate": "line.tax_rate",
    "ship_to_site_id": "line.ship_to_site_id",
    "need_by_date": "line.need_by_date",
    "returned_quantity": "line.returned",
    "flex_up": "CASE WHEN line.requested > line.cancelled + line.covered + line.pooled THEN line.flex_up ELSE 0 END",
}
# JSON carries decimals and dates as strings. None of the members needs escaping, so that a line is put together as
# text: half the work of jsonb_build_object.
_QUOTED: Final = {"unit_price", "tax_rate", "need_by_date"}
_JSON: Final = " || ',' || ".join(
    f"""'"{name}":' || """
    + (f"""coalesce('"' || {source} || '"', 'null')""" if name in _QUOTED else f"({source})")
    for name, source in _MEMBERS.items()
)
# A line whose price is above its ceiling is no promise yet: nobody keeps goods for it or bills it until it is pooled.
_FIRM: Final = "(line.max_unit_price IS NULL OR line.unit_price <= line.max_unit_price)"
_GIVEN: Final = {"aggregate_id": "text", "id": "uuid"}


def of_orders(order_ids: Iterable[UUID]) -> dict[UUID, tuple[OrderedLine, ...]]:
    """Return what each order still wants, in line order, in one query; the caller holds the orders.

    A line that waits for a pool to reach its ceiling is missing; an order may have none left.
    """
    keys = list(order_ids)
    found: dict[UUID, list[OrderedLine]] = {key: [] for key in keys}
    for order_id, *values in fetch(
        f"""
        SELECT line.order_id, {", ".join(_MEMBERS.values())} FROM orders_orderline line
        WHERE line.order_id = ANY(%s) AND {_FIRM} ORDER BY line.order_id, line.line_number
        """,
        [keys],
    ):
        found[order_id].append(OrderedLine(**dict(zip(_MEMBERS, values, strict=True))))
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


def changes(*, reason: str, at: datetime) -> tuple[str, dict[str, Any]]:
    """Return a query, with its parameters, that answers `changed` of orders as `publish_from` takes it.

    For many orders at once: Python sees no line.
    """
    query = f"""
        SELECT given.id, given.aggregate_id, ARRAY[parent.dealer_id] AS parties,
            %(occurred_at)s::timestamptz AS occurred_at,
            left(json_build_object('occurred_at', %(occurred_at)s::timestamptz, 'order_id', parent.id,
                'number', parent.number, 'version', parent.version, 'dealer_id', parent.dealer_id,
                'currency', parent.currency, 'payment_terms_days', parent.payment_terms_days,
                'reason', %(reason)s::text)::text, -1)
                || ',"lines":[' || coalesce(lines.lines, '') || ']}}' AS payload
        FROM {unnest(_GIVEN)} JOIN orders_order parent ON parent.id = given.aggregate_id::uuid
        LEFT JOIN (
            SELECT line.order_id, string_agg('{{' || {_JSON} || '}}', ',' ORDER BY line.line_number) AS lines
            FROM orders_orderline line WHERE line.order_id = ANY(%(aggregate_id)s::uuid[]) AND {_FIRM}
            GROUP BY line.order_id) lines ON lines.order_id = parent.id
    """
    return query, {"reason": reason, "occurred_at": at}
