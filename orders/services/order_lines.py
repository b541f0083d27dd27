"""Write the lines of an order with their first quantity event in one statement, and say what was written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from b2b.contracts.orders import OrderedLine
from b2b.db.bulk import fetch_value, given, transpose, unnest
from orders.models import BUCKETS, Order
from orders.policies.order_row import RowResult
from orders.services.cycle_membership import Wish

# What differs from line to line travels as rows; what many lines have in common is sent once for each kind of line.
_LINES: Final = {
    "line_number": "integer",
    "kind": "integer",
    "quantity": "bigint",
    "entered_quantity": "bigint",
    "net_amount": "numeric",
    "tax_amount": "numeric",
}
_KINDS: Final = {
    "kind_number": "integer",
    "product_id": "bigint",
    "factory_id": "bigint",
    "entered_unit": "text",
    "pack_units": "bigint",
    "unit_price": "numeric",
    "tax_rate": "numeric",
    "ship_to_site_id": "bigint",
    "need_by_date": "date",
    "max_unit_price": "numeric",
    "flex_up": "bigint",
    "flex_down": "bigint",
    "options": "jsonb",
    "all_or_nothing": "boolean",
    "cycle_id": "uuid",
}
_NAMES: Final = ", ".join(name for name in (*_LINES, *_KINDS) if name not in ("kind", "kind_number"))
_LATER: Final = tuple(bucket for bucket in BUCKETS if bucket != "requested")
_INSERT: Final = f"""
    WITH written AS (
        INSERT INTO orders_orderline
            (order_id, dealer_id, {_NAMES}, solo_unit_price, requested, {", ".join(_LATER)})
        SELECT %(order)s, %(dealer)s, {_NAMES}, unit_price, quantity, {", ".join("0" for _ in _LATER)}
        FROM {{lines}} JOIN {unnest(_KINDS, "common")} ON kind_number = kind ORDER BY line_number
        RETURNING id, line_number, dealer_id, requested
    ), told AS (
        INSERT INTO orders_quantityevent (line_id, dealer_id, kind, quantity, source, at)
        SELECT id, dealer_id, 'requested', requested, %(source)s, %(at)s FROM written
    )
    SELECT array_agg(id ORDER BY line_number) FROM written
"""


def wishes(rows: Iterable[RowResult]) -> set[Wish]:
    """Return what decides which cycles good rows join."""
    told = {(row.factory_id, row.ship_to_site_id, row.product.category) for row in rows if row.product}
    return {Wish(*one) for one in told}


def wish(row: RowResult) -> Wish:
    """Return what decides which cycle a good row joins."""
    return Wish(row.factory_id, row.ship_to_site_id, row.product.category if row.product else "")


def write(
    order: Order,
    rows: Sequence[RowResult],
    *,
    cycles: Mapping[Wish, UUID],
    at: datetime,
    first: int = 1,
    source: str = "",
) -> list[int]:
    """Insert good rows as lines of an order, from number `first` on, and return the lines' keys in that order.

    `cycles` are those the lines join; `source` is the document that orders them, by default the order itself. One
    statement for a few rows; for more it is four, whatever their number.
    """
    kinds: dict[tuple[Any, ...], int] = {}
    common: list[Sequence[Any]] = []
    lines: list[Sequence[Any]] = []
    for number, row in enumerate(rows, start=first):
        key = (row.sku, row.unit_price, row.entered_unit, row.ship_to_site_id, row.need_by_date, row.max_unit_price,
               row.flex_up, row.flex_down, repr(row.options) if row.options else "", row.all_or_nothing)  # fmt: skip
        kind = kinds.get(key)
        if kind is None:
            kind = kinds[key] = len(kinds)
            common.append(_kind(kind, row, cycles))
        lines.append((number, kind, row.quantity, row.entered_quantity, row.net_amount, row.tax_amount))
    with given(_LINES, lines, name="order_lines") as (staged, params):
        keys: list[int] = fetch_value(
            _INSERT.format(lines=staged),
            {
                **params,
                **transpose(list(_KINDS), common),
                "order": order.pk,
                "dealer": order.dealer_id,
                "source": source or f"order:{order.pk}",
                "at": at,
            },
        )
    return keys


def _kind(number: int, row: RowResult, cycles: Mapping[Wish, UUID]) -> Sequence[Any]:
    assert row.product is not None
    return (
        number,
        row.product.product_id,
        row.factory_id,
        row.entered_unit,
        row.pack_units,
        row.unit_price,
        row.product.tax_rate,
        row.ship_to_site_id,
        row.need_by_date,
        row.max_unit_price,
        row.flex_up,
        row.flex_down,
        json.dumps(row.options),
        row.all_or_nothing,
        cycles.get(wish(row)),
    )


def as_told(rows: Sequence[RowResult], keys: Sequence[int]) -> tuple[OrderedLine, ...]:
    """Return lines just written as an event carries them, without reading them back.

    A line that waits for a pool to reach its ceiling is missing, as in `ordered_lines.of_orders`.
    """
    return tuple(
        _as_told(number, row, key)
        for number, (row, key) in enumerate(zip(rows, keys, strict=True), 1)
        if row.max_unit_price is None or row.unit_price is None or row.unit_price <= row.max_unit_price
    )


def _as_told(line_number: int, row: RowResult, key: int) -> OrderedLine:
    assert row.product is not None
    assert row.unit_price is not None
    assert row.ship_to_site_id is not None
    return OrderedLine(
        line_id=key,
        line_number=line_number,
        product_id=row.product.product_id,
        quantity=row.quantity,
        unit_price=row.unit_price,
        tax_rate=row.product.tax_rate,
        ship_to_site_id=row.ship_to_site_id,
        need_by_date=row.need_by_date,
    )
