"""Bring an order's amounts, totals, credit and status in line with what its lines now want, and tell of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from b2b.contracts.orders import OrderCancelled
from b2b.core.actor import Actor, acting_as, system
from b2b.core.money import Money, round_to_currency
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.outbox.publish import publish
from orders import ports
from orders.models import Order
from orders.selectors import ordered_lines
from orders.selectors.ordered_lines import Standing
from orders.services.order import CreditRefused

_AMOUNTS: Final = {"line_id": "bigint", "net_amount": "numeric", "tax_amount": "numeric"}


def restate(order: Order, *, lines: Collection[int], reason: str, by: Actor, at: datetime) -> None:
    """Price what is still owed of some lines, then sum the order up; the caller holds it and moved the buckets.

    Publishes OrderChanged, or OrderCancelled when nothing is left. Nine statements and the credit port.

    :raises CreditRefused: when the order now comes to more than the dealer's credit allows.
    """
    rows: Sequence[tuple[int, Decimal, Decimal]] = [
        (line_id, net := round_to_currency(price * owed, order.currency), round_to_currency(net * rate, order.currency))
        for line_id, price, owed, rate in fetch(
            "SELECT id, unit_price, quantity - cancelled, tax_rate FROM orders_orderline WHERE id = ANY(%s)",
            [list(lines)],
        )
    ]  # fmt: skip
    execute(
        f"""
        UPDATE orders_orderline line SET net_amount = given.net_amount, tax_amount = given.tax_amount
        FROM {unnest(_AMOUNTS)} WHERE line.id = given.line_id
        """,
        transpose(list(_AMOUNTS), rows),
    )
    sum_up(order, reason=reason, by=by, at=at)


def sum_up(
    order: Order,
    *,
    reason: str,
    by: Actor,
    at: datetime,
    gains: tuple[Decimal, Decimal] | None = None,
    is_open: bool = False,
) -> None:
    """Sum an order up after its lines changed, let credit follow and tell of it; end it when nothing is owed any more.

    `gains` are what its net total and tax rose by, and `is_open` that it is not delivered in full, if the caller knows;
    then the lines are not summed.

    :raises CreditRefused: when the order now comes to more than the dealer's credit allows.
    """
    if gains and is_open:
        net, tax, is_done = order.total_net + gains[0], order.total_tax + gains[1], False
    else:
        net, tax, is_done = _sums(order)
    totals = {"total_net": net, "total_tax": tax, "total_gross": net + tax}
    stands = ordered_lines.of_orders([order.pk])[order.pk]
    if not stands.is_wanted:
        order.advance("cancel", by=by, at=at, reason=reason, **totals)
        with acting_as(system("credit")):
            ports.credit().release(order_id=order.pk, at=at)
        publish(
            OrderCancelled(
                occurred_at=at,
                order_id=order.pk,
                number=order.number,
                version=order.version,
                dealer_id=order.dealer_id,
                reason=reason,
            )
        )
        return
    order.advance("change", by=by, at=at, reason=reason, **totals)
    adjust_credit(order, stands, at=at)
    publish(ordered_lines.changed(order, stands, reason=reason, at=at))
    if is_done:
        order.advance("complete", by=by, at=at)


def _sums(order: Order) -> tuple[Decimal, Decimal, bool]:
    [(net, tax, is_done)] = fetch(
        """
        SELECT sum(net_amount), sum(tax_amount), bool_and(delivered + returned >= requested - cancelled)
        FROM orders_orderline WHERE order_id = %s
        """,
        [order.pk],
    )
    return net, tax, is_done


def adjust_credit(order: Order, stands: Standing, *, at: datetime) -> None:
    """Hold what an order comes to now, flexibility included.

    :raises CreditRefused: when the dealer's limit does not allow it.
    """
    amount = order.total_gross + stands.flexible_amount
    with acting_as(system("credit")):
        answer = ports.credit().hold(
            dealer_id=order.dealer_id,
            order_id=order.pk,
            amount=Money.of(amount, order.currency),
            at=at,
        )
    if not answer.granted:
        raise CreditRefused(
            f"{amount} {order.currency} exceeds your credit by {answer.shortfall}",
            limit=str(answer.limit.amount),
            used=str(answer.used.amount),
            reserved=str(answer.reserved.amount),
            shortfall=str(answer.shortfall.amount),
            currency=order.currency,
        )
