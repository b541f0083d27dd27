"""Write the lines of an order: staged by COPY, inserted in one statement with their first quantity event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from b2b.db.bulk import execute, staged
from orders.models import BUCKETS, Order
from orders.policies.order_row import RowResult
from orders.services.cycle_membership import Wish

_COLUMNS: Final = {
    "line_number": "integer",
    "product_id": "bigint",
    "factory_id": "bigint",
    "quantity": "bigint",
    "entered_quantity": "bigint",
    "entered_unit": "text",
    "pack_units": "bigint",
    "unit_price": "numeric",
    "tax_rate": "numeric",
    "net_amount": "numeric",
    "tax_amount": "numeric",
    "ship_to_site_id": "bigint",
    "need_by_date": "date",
    "cycle_id": "uuid",
}
_ZERO: Final = tuple(bucket for bucket in BUCKETS if bucket != "requested")


def wish(row: RowResult) -> Wish:
    """Return what decides which cycle a good row joins."""
    return Wish(row.factory_id, row.ship_to_site_id, row.product.category if row.product else "")


def write(
    order: Order,
    rows: Sequence[RowResult],
    *,
    cycles: Mapping[Wish, UUID],
    at: datetime,
) -> int:
    """Insert good rows as lines 1..n of a new order and return their number; six statements for any n.

    `cycles` are those the lines join.
    """
    names = ", ".join(_COLUMNS)
    with staged(_COLUMNS, _values(rows, cycles), name="order_lines") as table:
        return execute(
            f"""
            WITH written AS (
                INSERT INTO orders_orderline
                    (order_id, dealer_id, {names}, solo_unit_price, requested, {", ".join(_ZERO)})
                SELECT %(order)s, %(dealer)s, {names}, unit_price, quantity, {", ".join("0" for _ in _ZERO)}
                FROM {table} ORDER BY line_number
                RETURNING id, dealer_id, requested)
            INSERT INTO orders_quantityevent (line_id, dealer_id, kind, quantity, source, at)
            SELECT id, dealer_id, 'requested', requested, %(source)s, %(at)s FROM written
            """,
            {"order": order.pk, "dealer": order.dealer_id, "source": f"order:{order.pk}", "at": at},
        )


def _values(rows: Sequence[RowResult], cycles: Mapping[Wish, UUID]) -> Iterator[Sequence[Any]]:
    for line_number, row in enumerate(rows, start=1):
        assert row.product is not None
        yield (
            line_number,
            row.product.product_id,
            row.factory_id,
            row.quantity,
            row.entered_quantity,
            row.entered_unit,
            row.pack_units,
            row.unit_price,
            row.product.tax_rate,
            row.net_amount,
            row.tax_amount,
            row.ship_to_site_id,
            row.need_by_date,
            cycles.get(wish(row)),
        )
