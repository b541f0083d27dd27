"""The lines of orders as events carry them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from b2b.contracts.orders import OrderChanged, OrderedLine
from b2b.core.money import exponent
from b2b.db.bulk import fetch, unnest
from orders.models import Order
from orders.policies import flexibility

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
    "factory_id": "coalesce(line.factory_id, 0)",
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
# `flexibility.amount` of a line in SQL; parameter: places of the currency.
FLEXIBLE: Final = f"""(round(line.unit_price * {_MEMBERS["flex_up"]}, %(places)s)
    + round(round(line.unit_price * {_MEMBERS["flex_up"]}, %(places)s) * line.tax_rate, %(places)s))"""
_GIVEN: Final = {"aggregate_id": "text", "id": "uuid"}


class Standing(NamedTuple):
    """What an order still wants: the lines that are promised, and what those that wait for their ceiling come to.

    `flexible_amount` is what a pool may give all of them besides, of which `waiting_amount` has the part of the lines
    that wait. `is_wanted` is false when nothing is left of either; the amounts are with tax.
    """

    lines: tuple[OrderedLine, ...]
    waiting_amount: Decimal
    flexible_amount: Decimal
    is_wanted: bool


def of_orders(order_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """Return what each order still wants, in line order, in one query; the caller holds the orders."""
    keys = list(order_ids)
    promised: dict[UUID, list[OrderedLine]] = {key: [] for key in keys}
    waiting, flexible = dict.fromkeys(keys, Decimal(0)), dict.fromkeys(keys, Decimal(0))
    wanted = set()
    for order_id, currency, is_firm, amount, *values in fetch(
        f"""
        SELECT line.order_id, parent.currency, {_FIRM}, line.net_amount + line.tax_amount,
            {", ".join(_MEMBERS.values())}
        FROM orders_orderline line JOIN orders_order parent ON parent.id = line.order_id
        WHERE line.order_id = ANY(%s) ORDER BY line.order_id, line.line_number
        """,
        [keys],
    ):
        line = OrderedLine(**dict(zip(_MEMBERS, values, strict=True)))
        more = flexible_of(line, currency)
        flexible[order_id] += more
        if line.quantity:
            wanted.add(order_id)
        if is_firm:
            promised[order_id].append(line)
        else:
            waiting[order_id] += amount + more
    return {key: Standing(tuple(promised[key]), waiting[key], flexible[key], key in wanted) for key in keys}


def flexible_of(line: OrderedLine, currency: str) -> Decimal:
    """Return what a pool may give a line besides, with tax."""
    if not line.flex_up:
        return Decimal(0)
    return flexibility.amount(line.unit_price, line.flex_up, line.tax_rate, currency=currency)


def changed(order: Order, stands: Standing, *, reason: str, at: datetime) -> OrderChanged:
    """Return what is told of a changed order as it now stands."""
    return OrderChanged(
        occurred_at=at,
        order_id=order.pk,
        number=order.number,
        version=order.version,
        dealer_id=order.dealer_id,
        currency=order.currency,
        payment_terms_days=order.payment_terms_days,
        reason=reason,
        lines=stands.lines,
        waiting_amount=stands.waiting_amount,
    )


def changes(*, currency: str, reason: str, at: datetime) -> tuple[str, dict[str, Any]]:
    """Return a query, with its parameters, that answers `changed` of orders as `publish_from` takes it.

    For many orders of one currency at once: Python sees no line.
    """
    query = f"""
        SELECT given.id, given.aggregate_id, ARRAY[parent.dealer_id] AS parties,
            %(occurred_at)s::timestamptz AS occurred_at,
            left(json_build_object('occurred_at', %(occurred_at)s::timestamptz, 'order_id', parent.id,
                'number', parent.number, 'version', parent.version, 'dealer_id', parent.dealer_id,
                'currency', parent.currency, 'payment_terms_days', parent.payment_terms_days,
                'reason', %(reason)s::text, 'waiting_amount', coalesce(lines.waiting, 0)::text)::text, -1)
                || ',"lines":[' || coalesce(lines.lines, '') || ']}}' AS payload
        FROM {unnest(_GIVEN)} JOIN orders_order parent ON parent.id = given.aggregate_id::uuid
        LEFT JOIN (
            SELECT line.order_id,
                sum(line.net_amount + line.tax_amount + {FLEXIBLE}) FILTER (WHERE NOT {_FIRM}) AS waiting,
                string_agg('{{' || {_JSON} || '}}', ',' ORDER BY line.line_number) FILTER (WHERE {_FIRM}) AS lines
            FROM orders_orderline line WHERE line.order_id = ANY(%(aggregate_id)s::uuid[])
            GROUP BY line.order_id) lines ON lines.order_id = parent.id
    """
    return query, {"reason": reason, "occurred_at": at, "places": exponent(currency)}
