"""A dealer takes back what a short or dearer answer of the factory made worse; the others get what it frees."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError
from b2b.core.ids import uuid7
from b2b.db.bulk import execute, fetch, fetch_dicts
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from orders.models import Order, PurchaseOrder
from orders.services import allocation, order_restating, quantity
from orders.services.order import may_order_for

_PURCHASES: Final = """
    SELECT DISTINCT bought.purchase_order_id
    FROM orders_peg peg JOIN orders_purchaseorderline bought ON bought.id = peg.purchase_order_line_id
    WHERE bought.response_version > 0 AND peg.allocated > peg.received AND peg.order_line_id IN (
        SELECT id FROM orders_orderline WHERE order_id = %s AND line_number = ANY(%s))
"""
_LINES: Final = """
    SELECT line.id, line.line_number, line.covered, line.shipped,
        line.requested - line.cancelled - line.covered - line.pooled AS waiting,
        coalesce(line.withdrawable_until > midstream_now(), false) AS is_free
    FROM orders_orderline line WHERE line.order_id = %s AND line.line_number = ANY(%s) ORDER BY line.id
"""
# Pegs that are not answered yet are being bought and stay.
_FREE: Final = """
    UPDATE orders_peg peg SET allocated = peg.received
    FROM orders_purchaseorderline bought, orders_peg held
    WHERE held.id = peg.id AND bought.id = peg.purchase_order_line_id AND bought.response_version > 0
        AND peg.order_line_id = ANY(%s) AND peg.allocated > peg.received
    RETURNING peg.order_line_id, bought.id, bought.purchase_order_id, held.allocated - held.received
"""


class WithdrawalOver(DomainError):
    """This line may not be withdrawn, or not any more."""

    code = "withdrawal_over"


@unit_of_work()
def withdraw(order: Order, *, lines: Collection[int], reason: str = "", by: Actor, at: datetime) -> Order:
    """Give up what has not come yet of lines (by number) that may be withdrawn, by the database's clock.

    Their credit and stock holds are freed, and what the factory makes for them is shared over the other dealers.
    Publishes OrderChanged, or OrderCancelled when nothing is left, and SupplyAllocated.

    :raises WithdrawalOver: naming the lines whose time is over. :raises Forbidden: for another dealer's order.
    """
    may_order_for(order.dealer_id, by)
    with acting_as(system("orders")):
        numbers = list(lines)
        found = [key for (key,) in fetch(_PURCHASES, [order.pk, numbers])]
        purchases = {one.pk: one for one in lock(PurchaseOrder.objects.filter(pk__in=found))}
        locked = lock_one(Order.objects.filter(pk=order.pk))
        Order.machine.next(locked.status, "change")
        rows = _free_lines(locked, numbers)
        freed = _free(rows, at=at)
        keys = [row["id"] for row in rows]
        execute("UPDATE orders_orderline SET withdrawable_until = NULL WHERE id = ANY(%s)", [keys])
        order_restating.restate(locked, lines=keys, reason=reason or "withdrawn", by=by, at=at)
        for key, purchase_lines in sorted(freed.items()):
            purchase = purchases[key]
            version = purchase.response_version + 1
            purchase.advance("shorten", by=by, at=at, reason="withdrawn", response_version=version)
            allocation.share(purchase, lines=purchase_lines, at=at)
    return locked


def _free_lines(order: Order, numbers: list[int]) -> list[dict[str, Any]]:
    rows = fetch_dicts(_LINES, [order.pk, numbers])
    over = sorted({*numbers} - {row["line_number"] for row in rows if row["is_free"]})
    if over:
        named = ", ".join(map(str, over))
        raise WithdrawalOver(f"line {named} of {order.number} cannot be withdrawn (any more)", lines=over)
    return rows


def _free(rows: list[dict[str, Any]], *, at: datetime) -> dict[UUID, list[int]]:
    """Move the buckets and return the purchase lines, by purchase order, that have something to share."""
    keys = [row["id"] for row in rows]
    changes: list[tuple[int, str, int]] = []
    for row in rows:
        shelved = 0 if row["shipped"] else row["covered"]
        changes += [(row["id"], "covered", -shelved), (row["id"], "cancelled", row["waiting"] + shelved)]
    freed: dict[UUID, set[int]] = {}
    for line_id, purchase_line_id, purchase_id, free in fetch(_FREE, [keys]):
        changes += [(line_id, "allocated", -free), (line_id, "pooled", -free), (line_id, "cancelled", free)]
        freed.setdefault(purchase_id, set()).add(purchase_line_id)
    quantity.advance(changes, source=f"withdrawal:{uuid7()}", at=at)
    return {key: sorted(lines) for key, lines in freed.items()}
