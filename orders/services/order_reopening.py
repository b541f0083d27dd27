"""A cancelled order is taken up again: judged, priced and confirmed as if it were placed now, with its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from orders.models import Order
from orders.policies.order_row import judge
from orders.policies.row_result import RowResult
from orders.selectors import cancelled_order, row_facts
from orders.selectors.cancelled_order import CancelledLine
from orders.services import box_fill, cycle_membership, order_lines, quantity
from orders.services import order as orders
from orders.services.bulk_order import InvalidRows

_COLUMNS: Final = {
    "line_id": "bigint",
    "factory_id": "bigint",
    "unit_price": "numeric",
    "net_amount": "numeric",
    "tax_amount": "numeric",
    "tax_rate": "numeric",
}


class CannotReopen(DomainError):
    """The order cannot be taken up again; order its goods anew."""

    code = "cannot_reopen"


@unit_of_work()
def reopen(order: Order, *, reason: str = "", by: Actor, at: datetime) -> Order:
    """Take a cancelled order up again, with what its cancellation took away, at the terms and prices of today.

    It becomes a draft and is confirmed in the same transaction: the dealer's approval rules, its credit, and the cycle
    that closes next are asked as for a new order, and nothing is kept when one of them refuses. A constant number of
    statements. Publishes OrderConfirmed, or ApprovalRequested.

    :raises CannotReopen: when the factory or the warehouse acted on the order, or it was ordered at agreed prices.
    :raises IllegalTransition: when it is not cancelled. :raises InvalidRows: when a line can no longer be ordered so.
    :raises CreditRefused, DoesNotFillPack, Forbidden: as for a new order.
    """
    orders.may_order_for(order.dealer_id, by)
    with acting_as(system("orders")):
        lines = cancelled_order.lines_of(order.pk)
    results = _judge(order, lines, by=by, at=at)
    wishes = order_lines.wishes(results)
    # Cycles before the order, as everywhere: whoever closes one of them waits, or has closed it.
    box_fill.hold_for(wishes, currency=order.currency)
    cycle_membership.open_for(wishes, currency=order.currency)
    locked = lock_one(Order.objects.select_related("dealer").filter(pk=order.pk))
    Order.machine.next(locked.status, "reopen")
    _check(locked, lines)
    _refuse(results)
    before = locked.version
    _take_up(lines, {result.row: result for result in results}, source=f"reopen:{locked.pk}:{before}", at=at)
    locked.advance("reopen", by=by, at=at, reason=reason, confirmed_at=None, **_totals(results))
    return orders.confirm(locked, by=by, at=at)


def _judge(order: Order, lines: Sequence[CancelledLine], *, by: Actor, at: datetime) -> list[RowResult]:
    rows = [line.as_row() for line in lines]
    facts = row_facts.of_rows(
        by, rows, dealer=order.dealer, ship_to_site_id=order.ship_to_site_id, currency=order.currency, at=at
    )
    return judge(rows, facts)


def _check(order: Order, lines: Sequence[CancelledLine]) -> None:
    with acting_as(system("orders")):
        moved = cancelled_order.moved(order.pk)
        again = cancelled_order.lines_of(order.pk)
    if "invoiced" in moved:
        what = "it was invoiced"
    elif moved & {"shipped", "delivered", "returned"}:
        what = "some of its goods had left the warehouse"
    elif moved:
        what = "its goods were bought from the factory"
    elif order.has_agreed_prices:
        what = "it called off an agreement, whose quantities are free again: release it, or accept the quotation, anew"
    elif not again or list(again) != list(lines):
        what = (
            "nothing was left on it when it was cancelled"
            if not again
            else "it was changed just now; try again"
        )
    else:
        return
    raise CannotReopen(f"{order.number} cannot be reopened: {what}")


def _refuse(results: Sequence[RowResult]) -> None:
    """:raises InvalidRows: when a line breaks a rule of today; each problem's row is the number of the line."""
    problems = [problem for result in results for problem in result.problems]
    if problems:
        count = sum(not result.ok for result in results)
        raise InvalidRows(f"{count} of {len(results)} lines cannot be ordered any more", problems=problems)


def _take_up(
    lines: Sequence[CancelledLine], results: Mapping[int, RowResult], *, source: str, at: datetime
) -> None:
    rows = []
    for line in lines:
        result = results[line.line_number]
        assert result.product is not None
        rows.append(
            (
                line.line_id,
                result.factory_id,
                result.unit_price,
                result.net_amount,
                result.tax_amount,
                result.product.tax_rate,
            )
        )
    execute(
        f"""
        UPDATE orders_orderline line SET factory_id = given.factory_id, unit_price = given.unit_price,
            solo_unit_price = given.unit_price, net_amount = given.net_amount, tax_amount = given.tax_amount,
            tax_rate = given.tax_rate, cycle_id = NULL, waiting_reason = '', withdrawable_until = NULL
        FROM {unnest(_COLUMNS)} WHERE line.id = given.line_id
        """,
        transpose(list(_COLUMNS), rows),
    )
    quantity.advance(((line.line_id, "cancelled", -line.quantity) for line in lines), source=source, at=at)


def _totals(results: Sequence[RowResult]) -> dict[str, Decimal]:
    net = sum((result.net_amount for result in results), Decimal(0))
    tax = sum((result.tax_amount for result in results), Decimal(0))
    return {"total_net": net, "total_tax": tax, "total_gross": net + tax}
