"""Write what a factory answered: the answer as it came, the purchase lines and their schedule lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from b2b.db.bulk import execute, fetch_dicts, transpose, unnest
from orders.models import OrderResponse, PurchaseOrder
from orders.policies import response_code
from orders.policies.order_answer import Ordered, Settled
from orders.policies.order_response import Asked
from orders.services import supply

_LINES: Final = """
    SELECT line.id AS line_id, line.line_number, line.product_id, line.quantity, line.confirmed, line.despatched,
        line.unit_price, line.response_version, parts.numbers, parts.quantities, parts.dates
    FROM orders_purchaseorderline line
    CROSS JOIN LATERAL (
        SELECT array_agg(origin.number ORDER BY origin.number) AS numbers,
            array_agg(origin.quantity ORDER BY origin.number) AS quantities,
            array_agg(origin.day ORDER BY origin.number) AS dates
        FROM (SELECT min(part.schedule_number) FILTER (WHERE part.split_of_id IS NULL) AS number,
                sum(part.quantity)::bigint AS quantity, min(part.requested_date) AS day
              FROM orders_scheduleline part WHERE part.purchase_order_line_id = line.id
              GROUP BY coalesce(part.split_of_id, part.id)) origin) parts
    WHERE line.purchase_order_id = %s ORDER BY line.id FOR NO KEY UPDATE OF line
"""
_ANSWERS: Final = {
    "line_id": "bigint",
    "schedule": "int",
    "code": "text",
    "quantity": "bigint",
    "confirmed": "bigint",
    "promised": "date",
    "price": "numeric",
    "reason": "text",
    "substitute": "bigint",
    "units": "bigint",
    "replaced": "bigint",
    "origin": "int",
}
_TOLD: Final = {"line_id": "bigint", "code": "text", "promised": "date"}


def lines_of(order: PurchaseOrder) -> dict[int, Ordered]:
    """Lock the lines of a purchase order and return them by number with the deliveries asked for; one statement."""
    return {row["line_number"]: _ordered(row) for row in fetch_dicts(_LINES, [order.pk])}


def _ordered(row: dict[str, Any]) -> Ordered:
    numbers, quantities, dates = row.pop("numbers"), row.pop("quantities"), row.pop("dates")
    return Ordered(**row, asked=tuple(map(Asked, numbers, quantities, dates)))


def write(
    order: PurchaseOrder,
    settled: Sequence[Settled],
    *,
    version: int,
    is_complete: bool,
    substitutes: Mapping[str, int],
    external_reference: str,
    note: str,
    at: datetime,
) -> OrderResponse:
    """Keep an answer and let lines, schedule lines and the bucket `confirmed` follow; seven statements."""
    response = OrderResponse.objects.create(
        purchase_order=order,
        factory_id=order.factory_id,
        response_version=version,
        code=response_code.of_document((one.code for one in settled), is_complete=is_complete),
        external_reference=external_reference,
        note=note,
        created_at=at,
    )
    given = transpose(list(_ANSWERS), _rows(settled, substitutes))
    execute(
        f"""
        INSERT INTO orders_orderresponseline (response_id, factory_id, purchase_order_line_id, schedule_number, code,
            confirmed_quantity, promised_date, unit_price, reason, substitute_id, substitute_units, replaced_units)
        SELECT %(response)s, %(factory)s, line_id, schedule, code, confirmed, promised, price, reason, substitute,
            units, replaced
        FROM {unnest(_ANSWERS)}
        """,
        {**given, "response": response.pk, "factory": order.factory_id},
    )
    supply.advance(
        ((one.line.line_id, "confirmed", one.confirmed - one.line.confirmed) for one in settled),
        source=f"response:{response.pk}",
        at=at,
    )
    told = transpose(list(_TOLD), ((one.line.line_id, one.code, one.promised_date) for one in settled))
    execute(
        f"""
        UPDATE orders_purchaseorderline line SET promised_date = given.promised, response_code = given.code,
            response_version = %(version)s
        FROM {unnest(_TOLD)} WHERE line.id = given.line_id
        """,
        {**told, "version": version},
    )
    _divide(settled, given, version)
    return response


def _rows(settled: Sequence[Settled], substitutes: Mapping[str, int]) -> list[tuple[object, ...]]:
    """Return a row for each part; the first part of an ordered delivery keeps its number, others get the next free."""
    rows: list[tuple[object, ...]] = []
    for one in settled:
        free = max(asked.schedule_number for asked in one.line.asked)
        seen: set[int] = set()
        other = one.answer.substitute
        for part in one.parts:
            number = part.origin.schedule_number
            if number in seen:
                free += 1
            rows.append(
                (
                    one.line.line_id, free if number in seen else number, _code(one, part.code), part.quantity,
                    part.confirmed_quantity, part.promised_date, one.answer.unit_price, one.answer.reason,
                    substitutes[other.sku] if other else None, other.units if other else 1,
                    other.replaced_units if other else 1, number,
                )
            )  # fmt: skip
            seen.add(number)
    return rows


def _code(one: Settled, own: str) -> str:
    return response_code.word_of(own) or one.code


def _divide(settled: Sequence[Settled], given: Mapping[str, str], version: int) -> None:
    """Let the schedule lines be the parts: those of an earlier answer go, the ordered ones stay and keep their pegs."""
    execute(
        "DELETE FROM orders_scheduleline WHERE split_of_id IS NOT NULL AND purchase_order_line_id = ANY(%s)",
        [[one.line.line_id for one in settled]],
    )
    execute(
        f"""
        UPDATE orders_scheduleline part SET quantity = given.quantity, confirmed_quantity = given.confirmed,
            promised_date = given.promised, unit_price = given.price, response_code = given.code,
            response_version = %(version)s
        FROM {unnest(_ANSWERS)}
        WHERE part.purchase_order_line_id = given.line_id AND part.schedule_number = given.schedule
        """,
        {**given, "version": version},
    )
    execute(
        f"""
        INSERT INTO orders_scheduleline (purchase_order_line_id, factory_id, schedule_number, quantity,
            requested_date, confirmed_quantity, promised_date, unit_price, response_code, response_version, split_of_id)
        SELECT given.line_id, origin.factory_id, given.schedule, given.quantity, origin.requested_date,
            given.confirmed, given.promised, given.price, given.code, %(version)s, origin.id
        FROM {unnest(_ANSWERS)}
        JOIN orders_scheduleline origin ON origin.purchase_order_line_id = given.line_id
            AND origin.schedule_number = given.origin
        WHERE given.schedule <> given.origin
        """,
        {**given, "version": version},
    )
