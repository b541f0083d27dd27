"""Change quantities of an order that waits for approval; it is judged and priced as if it were placed so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from b2b.core.actor import Actor
from b2b.core.errors import Invalid, Problem
from b2b.db.bulk import execute, transpose, unnest
from orders.models import Order, OrderLine
from orders.policies.cell import LARGEST
from orders.policies.order_facts import TradeFacts
from orders.policies.order_row import judge
from orders.policies.raw_row import RawRow
from orders.policies.row_result import RowResult
from orders.selectors import row_facts
from orders.services import agreed_prices
from orders.services import quantity as buckets
from orders.services.bulk_order import InvalidRows

_COLUMNS: Final = {
    "line_id": "bigint",
    "quantity": "bigint",
    "unit_price": "numeric",
    "net_amount": "numeric",
    "tax_amount": "numeric",
}


class InvalidChange(Invalid):
    """The change names lines or quantities that the order cannot have."""

    code = "invalid_change"


def change(order: Order, quantities: Mapping[int, int], *, by: Actor, at: datetime) -> dict[str, list[int]]:
    """Set new quantities by line number, 0 to drop a line; return [before, after] of what differs.

    The prices follow the break that the new sum holds; a price that was agreed on stays. A constant number of
    statements. The caller holds the order.

    :raises InvalidChange: for unknown lines, a raised release, or when nothing would be left.
    :raises InvalidRows: when a changed row breaks a rule of the product.
    """
    lines = list(order.lines.select_related("product", "ship_to_site").order_by("line_number"))
    before = {line.line_number: _wanted(line) for line in lines}
    after = {**before, **{number: wanted for number, wanted in quantities.items() if number in before}}
    agreed = agreed_prices.of_order(order)
    _check(quantities, before, after, is_agreed=bool(agreed))
    changes = {
        str(number): [before[number], after[number]] for number in before if before[number] != after[number]
    }
    if changes:
        judged = _judge(order, lines, after, agreed, by=by, at=at)
        _write(order, lines, after, judged, at=at)
        order.advance("change", by=by, at=at, reason=_told(changes), **_totals(judged))
    return changes


def _wanted(line: OrderLine) -> int:
    return int(line.requested - line.cancelled)


def _check(
    quantities: Mapping[int, int], before: Mapping[int, int], after: Mapping[int, int], *, is_agreed: bool
) -> None:
    problems = []
    for number, wanted in quantities.items():
        if number not in before:
            message, remedy = f"there is no line {number}", "Name lines of the order."
        elif not 0 <= wanted < LARGEST:
            message, remedy = f"line {number}: {wanted} is no quantity", "Enter 0 or more base units."
        elif is_agreed and wanted > before[number]:
            message = f"line {number}: more than was called off at the agreed price"
            remedy = "Lower it, or release more of the agreement."
        else:
            continue
        problems.append(Problem("invalid_change", message, row=number, field="quantity", remedy=remedy))
    if not problems and not any(after.values()):
        problems.append(
            Problem("nothing_left", "no line would be left", field="quantity", remedy="Decline the order.")
        )
    if problems:
        raise InvalidChange(problems=problems)


def _judge(
    order: Order,
    lines: Sequence[OrderLine],
    after: Mapping[int, int],
    agreed: Mapping[int, TradeFacts],
    *,
    by: Actor,
    at: datetime,
) -> dict[int, RowResult]:
    """Return the result of every line that is left, by line number."""
    rows = [
        RawRow(
            line.line_number,
            {
                "sku": line.product.sku,
                "quantity": str(after[line.line_number]),
                "unit": line.product.base_unit,
                "ship_to": line.ship_to_site.code,
            },
        )
        for line in lines
        if after[line.line_number]
    ]
    facts = row_facts.of_rows(
        by,
        rows,
        dealer=order.dealer,
        ship_to_site_id=order.ship_to_site_id,
        currency=order.currency,
        at=at,
    )
    results = judge(rows, agreed_prices.hold(facts, agreed))
    problems = [problem for result in results for problem in result.problems]
    if problems:
        raise InvalidRows("the order cannot be changed so", problems=problems)
    return {result.row: result for result in results}


def _write(
    order: Order,
    lines: Sequence[OrderLine],
    after: Mapping[int, int],
    judged: Mapping[int, RowResult],
    *,
    at: datetime,
) -> None:
    changes: list[tuple[int, str, int]] = []
    rows = []
    for line in lines:
        wanted = after[line.line_number]
        result = judged.get(line.line_number)
        if result is None:
            changes.append((line.pk, "cancelled", _wanted(line)))
            rows.append((line.pk, line.quantity, line.unit_price, Decimal(0), Decimal(0)))
        else:
            changes.append((line.pk, "requested", wanted - _wanted(line)))
            quantity = wanted + line.cancelled
            rows.append((line.pk, quantity, result.unit_price, result.net_amount, result.tax_amount))
    source = f"approval:{order.pk}:{order.version}"
    # `requested` never exceeds `quantity`: what shrinks does so in the buckets first, what grows in the line first.
    buckets.advance((one for one in changes if one[1] == "cancelled" or one[2] < 0), source=source, at=at)
    execute(
        f"""
        UPDATE orders_orderline line SET quantity = given.quantity, unit_price = given.unit_price,
            solo_unit_price = given.unit_price, net_amount = given.net_amount, tax_amount = given.tax_amount,
            flex_down = least(line.flex_down, given.quantity),
            entered_quantity = CASE WHEN given.quantity %% line.pack_units = 0
                THEN given.quantity / line.pack_units ELSE given.quantity END,
            entered_unit = CASE WHEN given.quantity %% line.pack_units = 0
                THEN line.entered_unit ELSE product.base_unit END,
            pack_units = CASE WHEN given.quantity %% line.pack_units = 0 THEN line.pack_units ELSE 1 END
        FROM {unnest(_COLUMNS)}, catalog_product product
        WHERE line.id = given.line_id AND product.id = line.product_id
        """,
        transpose(list(_COLUMNS), rows),
    )
    buckets.advance((one for one in changes if one[1] == "requested" and one[2] > 0), source=source, at=at)


def _totals(judged: Mapping[int, RowResult]) -> dict[str, Decimal]:
    net = sum((result.net_amount for result in judged.values()), Decimal(0))
    tax = sum((result.tax_amount for result in judged.values()), Decimal(0))
    return {"total_net": net, "total_tax": tax, "total_gross": net + tax}


def _told(changes: Mapping[str, list[int]]) -> str:
    return "; ".join(f"line {number}: {old} to {new}" for number, (old, new) in changes.items())
