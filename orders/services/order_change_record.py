"""Write an order change: the lines as they shall be, their buckets, new lines, and the document that tells of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from b2b.db.bulk import execute, transpose, unnest
from orders.models import Order, OrderChange
from orders.policies.changed_line import Changed
from orders.services import order_lines, quantity

_LINES: Final = {
    "line_id": "bigint",
    "entered_quantity": "bigint",
    "entered_unit": "text",
    "pack_units": "bigint",
    "unit_price": "numeric",
    "net_amount": "numeric",
    "tax_amount": "numeric",
    "site_id": "bigint",
    "need_by": "date",
    "cycle_id": "uuid",
}
_TOLD: Final = {
    "told_line_id": "bigint",
    "from_quantity": "bigint",
    "to_quantity": "bigint",
    "passed_on": "bigint",
    "kept": "bigint",
    "asked": "bigint",
    "from_need_by": "date",
    "to_need_by": "date",
    "from_site": "bigint",
    "to_site": "bigint",
}


def write(made: OrderChange, order: Order, lines: Sequence[Changed], *, at: datetime) -> dict[int, int]:
    """Write a change in two statements, more when lines are added, and return the keys of its lines by number.

    The caller holds the order and its lines, and the lines that others get a part from.
    """
    keys = {one.line_number: one.line.line_id for one in lines if one.line}
    keys |= _add(order, [one for one in lines if one.line is None])
    quantity.advance_held(_moves(lines), source=f"change:{made.pk}", at=at)
    old = [one for one in lines if one.line]
    execute(
        f"""
        WITH moved AS (
        UPDATE orders_orderline line SET entered_quantity = given.entered_quantity,
            entered_unit = given.entered_unit, pack_units = given.pack_units, unit_price = given.unit_price,
            net_amount = given.net_amount, tax_amount = given.tax_amount, ship_to_site_id = given.site_id,
            need_by_date = given.need_by,
            cycle_id = CASE WHEN line.pooled + line.covered + line.shipped = 0 THEN given.cycle_id
                ELSE line.cycle_id END,
            solo_unit_price = CASE WHEN line.pooled + line.covered = 0 THEN given.unit_price
                ELSE line.solo_unit_price END
        FROM {unnest(_LINES)} WHERE line.id = given.line_id
        ), change AS (
            INSERT INTO orders_orderchange (id, order_id, dealer_id, from_version, to_version, reason, created_at)
            VALUES (%(id)s, %(order)s, %(dealer)s, %(from)s, %(to)s, %(reason)s, %(at)s))
        INSERT INTO orders_orderchangeline (change_id, dealer_id, order_line_id, from_quantity, to_quantity, passed_on,
            kept_in_stock, asked_of_factory, from_need_by_date, to_need_by_date, from_ship_to_site_id,
            to_ship_to_site_id)
        SELECT %(id)s, %(dealer)s, told_line_id, from_quantity, to_quantity, passed_on, kept, asked, from_need_by,
            to_need_by, from_site, to_site
        FROM {unnest(_TOLD, "told")}
        """,
        {
            **transpose(list(_LINES), map(_line, old)),
            **transpose(list(_TOLD), (_told(keys[one.line_number], one) for one in lines)),
            "id": made.pk,
            "order": order.pk,
            "dealer": order.dealer_id,
            "from": made.from_version,
            "to": made.to_version,
            "reason": made.reason,
            "at": at,
        },
    )
    return keys


def gains(lines: Sequence[Changed]) -> tuple[Decimal, Decimal]:
    """Return by how much a change raises an order before tax, and the tax."""
    net = sum((one.net_amount - (one.line.net_amount if one.line else 0) for one in lines), Decimal(0))
    tax = sum((one.tax_amount - (one.line.tax_amount if one.line else 0) for one in lines), Decimal(0))
    return net, tax


def _add(order: Order, lines: Sequence[Changed]) -> dict[int, int]:
    rows = [one.row for one in lines if one.row]
    if not rows:
        return {}
    cycles = {order_lines.wish(one.row): one.cycle_id for one in lines if one.row and one.cycle_id}
    first = lines[0].line_number
    keys = order_lines.write(order, rows, cycles=cycles, first=first)
    return dict(enumerate(keys, start=first))


def _moves(lines: Sequence[Changed]) -> Iterator[tuple[int, str, int]]:
    for one in lines:
        if one.line is None:
            continue
        key, move = one.line.line_id, one.move
        yield from ((key, "requested", move.requested), (key, "covered", move.covered))
        yield key, "cancelled", move.cancelled
        for part in one.releases:
            if part.is_asked:
                continue
            yield from ((key, "cancelled", part.quantity), (key, "pooled", -part.quantity))
            yield from _shares(key, part.is_answered, -part.quantity, -part.received)
            if part.owner:
                yield part.owner, "pooled", part.quantity
                yield from _shares(part.owner, part.is_answered, part.quantity, part.received)


def _shares(key: int, is_answered: bool, allocated: int, received: int) -> Iterator[tuple[int, str, int]]:
    if is_answered:
        yield from ((key, "allocated", allocated), (key, "received", received))


def _line(one: Changed) -> tuple[object, ...]:
    assert one.line is not None
    line = one.line
    total = line.quantity + one.move.requested
    entered, unit, pack = divmod(total, line.pack_units), line.entered_unit, line.pack_units
    if entered[1]:
        entered, unit, pack = (total, 0), line.base_unit, 1
    return (
        line.line_id, entered[0], unit, pack, one.unit_price, one.net_amount, one.tax_amount,
        one.ship_to_site_id, one.need_by_date, one.cycle_id,
    )  # fmt: skip


def _told(line_id: int, one: Changed) -> tuple[object, ...]:
    line = one.line
    return (
        line_id, one.from_quantity, one.quantity, one.given(asked=False, owned=True), one.given(asked=False),
        one.given(asked=True), line and line.need_by_date, one.need_by_date, line and line.ship_to_site_id,
        one.ship_to_site_id,
    )  # fmt: skip
