"""Write the lines of an order in one statement, each its own first quantity event, and say what was written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

import msgspec

from b2b.contracts.orders import OrderedLine
from b2b.db.bulk import fetch_value_bound, literal, transpose, unnest
from orders.models import BUCKETS, Order
from orders.policies.order_row import RowResult
from orders.selectors import ordered_lines
from orders.selectors.ordered_lines import Standing
from orders.services.cycle_membership import Wish

# What differs from line to line travels line by line; what many lines have in common once for each kind of line.
_LINES: Final = {
    "kind": "integer",
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
# The lines come in their order and keep it in a hash join with their kinds; sorting them would cost a tenth of all.
# DISTINCT tells the planner that a number names one kind, without which it would sort after all.
_INSERT: Final = f"""
    WITH written AS (
        INSERT INTO orders_orderline (order_id, dealer_id, line_number, {_NAMES}, quantity, first_requested,
            requested, solo_unit_price, {", ".join(_LATER)})
        SELECT %(order)s, %(dealer)s, line_number + %(before)s, {_NAMES}, entered_quantity * pack_units,
            entered_quantity * pack_units, entered_quantity * pack_units, unit_price, {", ".join("0" for _ in _LATER)}
        FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in _LINES.items())})
            WITH ORDINALITY AS given({", ".join(_LINES)}, line_number)
        JOIN (SELECT DISTINCT ON (kind_number) * FROM {unnest(_KINDS, "each")}) common ON kind_number = kind
        RETURNING id, line_number
    )
    SELECT array_agg(id ORDER BY line_number) FROM written
"""


_NOTHING: Final = Decimal(0)


def wishes(rows: Iterable[RowResult]) -> set[Wish]:
    """Return what decides which cycles good rows join."""
    kinds = {row.kind or row.row: row for row in rows}
    return {wish(row) for row in kinds.values()}


def wish(row: RowResult) -> Wish:
    """Return what decides which cycle a good row joins."""
    return Wish(row.factory_id, row.ship_to_site_id, row.product.category if row.product else "")


def write(
    order: Order,
    rows: Sequence[RowResult],
    *,
    cycles: Mapping[Wish, UUID],
    first: int = 1,
) -> list[int]:
    """Insert good rows as lines of an order, from number `first` on, and return the lines' keys in that order.

    `cycles` are those the lines join. One statement, whatever the number of lines.
    """
    kinds: dict[object, int] = {}
    common: list[Sequence[Any]] = []
    of_line: list[int] = []
    for row in rows:
        key = row.kind or id(row)
        number = kinds.get(key)
        if number is None:
            number = kinds[key] = len(kinds)
            common.append(_kind(number, row, cycles))
        of_line.append(number)
    keys: list[int] = fetch_value_bound(
        _INSERT,
        {
            "kind": literal(of_line),
            "entered_quantity": literal([row.entered_quantity for row in rows]),
            "net_amount": literal([row.net_amount for row in rows]),
            "tax_amount": literal([row.tax_amount for row in rows]),
            **transpose(list(_KINDS), common),
            "order": order.pk,
            "dealer": order.dealer_id,
            "before": first - 1,
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
        json.dumps(row.options) if row.options else "{}",
        row.all_or_nothing,
        cycles.get(wish(row)),
    )


def as_told(rows: Sequence[RowResult], keys: Sequence[int], *, currency: str) -> Standing:
    """Return lines just written as an event carries them, without reading them back; see `ordered_lines`.

    Its lines are written out in JSON already: an event takes them for what they are.
    """
    waiting = flexible = Decimal(0)
    promised: list[str] = []
    kinds: dict[int, tuple[str, str]] = {}
    for number, (row, key) in enumerate(zip(rows, keys, strict=True), 1):
        kind = row.kind or row
        parts = kinds.get(id(kind))
        if parts is None:
            parts = kinds[id(kind)] = _parts(row)
        middle, end = parts
        more = ordered_lines.flexible_of(_as_told(row, row.quantity), currency) if row.flex_up else _NOTHING
        if more:
            flexible += more
        if end:
            promised.append(f'{{"line_id":{key},"line_number":{number}{middle}{row.quantity}{end}')
        else:
            waiting += row.net_amount + row.tax_amount + more
    lines = cast(tuple[OrderedLine, ...], msgspec.Raw(f"[{','.join(promised)}]".encode()))
    return Standing(lines, waiting, flexible, is_wanted=True)


def _parts(row: RowResult) -> tuple[str, str]:
    """Return what stands between a line's number and its quantity, and after it; nothing for a line that waits."""
    if row.max_unit_price is not None and row.unit_price is not None and row.unit_price > row.max_unit_price:
        return "", ""
    told = msgspec.json.encode(_as_told(row, 0)).decode()
    before, quantity, end = told.partition('"quantity":0')
    return before.removeprefix('{"line_id":0,"line_number":0') + quantity[:-1], end


def _as_told(row: RowResult, quantity: int) -> OrderedLine:
    assert row.product is not None
    assert row.unit_price is not None
    assert row.ship_to_site_id is not None
    return OrderedLine(
        line_id=0,
        line_number=0,
        product_id=row.product.product_id,
        quantity=quantity,
        unit_price=row.unit_price,
        tax_rate=row.product.tax_rate,
        ship_to_site_id=row.ship_to_site_id,
        need_by_date=row.need_by_date,
        flex_up=row.flex_up,
        factory_id=row.factory_id or 0,
    )
