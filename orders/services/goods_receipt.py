"""Take note of goods received: pegs fill, purchase orders and cycles close."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.contracts.warehousing import ReceivedLine
from b2b.core.actor import Actor
from b2b.core.quantity import largest_remainder
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import lock, lock_one
from b2b.db.models import advance_all
from b2b.db.transactions import unit_of_work
from orders.models import DespatchAdvice, PurchaseOrder
from orders.services import cycle_status, quantity, supply

_COLUMNS: Final = {"peg_id": "bigint", "received": "bigint"}


@unit_of_work()
def note(
    purchase_order_id: UUID, *, lines: Sequence[ReceivedLine], receipt_id: UUID, by: Actor, at: datetime
) -> None:
    """Fill the pegs with accepted goods in proportion to what is still open, and close what is complete.

    The same receipt counts once. Goods beyond the allocations belong to no peg: they are the platform's stock.
    """
    order = lock_one(PurchaseOrder.objects.filter(pk=purchase_order_id))
    source = f"receipt:{receipt_id}"
    new = supply.advance(
        (
            change
            for line in lines
            for change in (
                (line.purchase_order_line_id, "received", line.accepted_quantity),
                (line.purchase_order_line_id, "rejected", line.rejected_quantity),
            )
        ),
        source=source,
        at=at,
    )
    accepted = {line_id: total for (line_id, kind), total in new.items() if kind == "received"}
    if accepted:
        _fill(accepted, source=source, at=at)
    _close(order, by=by, at=at)


def _fill(accepted: dict[int, int], *, source: str, at: datetime) -> None:
    pegs: dict[int, list[tuple[int, int | None, int]]] = defaultdict(list)
    for purchase_line_id, peg_id, line_id, still_open in fetch(
        """
        SELECT purchase_order_line_id, id, order_line_id, allocated - received FROM orders_peg
        WHERE purchase_order_line_id = ANY(%s) AND allocated > received ORDER BY id
        """,
        [list(accepted)],
    ):
        pegs[purchase_line_id].append((peg_id, line_id, still_open))
    filled, moved = [], []
    for purchase_line_id, members in pegs.items():
        weights = [still_open for _, _, still_open in members]
        parts = largest_remainder(min(accepted[purchase_line_id], sum(weights)), weights)
        for (peg_id, line_id, _), part in zip(members, parts, strict=True):
            filled.append((peg_id, part))
            if line_id is not None:
                moved.append((line_id, "received", part))
    quantity.advance(moved, source=source, at=at)
    execute(
        f"UPDATE orders_peg peg SET received = peg.received + given.received FROM {unnest(_COLUMNS)}"
        " WHERE peg.id = given.peg_id",
        transpose(list(_COLUMNS), filled),
    )


def _close(order: PurchaseOrder, *, by: Actor, at: datetime) -> None:
    lines = list(order.lines.all())
    if all(line.received + line.rejected >= line.despatched for line in lines):
        waiting = lock(DespatchAdvice.objects.filter(purchase_order=order, status="ADVISED"))
        advance_all(waiting, "receive", by=by, at=at)
    done = all(line.received + line.rejected >= line.confirmed for line in lines)
    if done and PurchaseOrder.machine.allows(order.status, "close"):
        order.advance("close", by=by, at=at)
        cycle_status.note(order.cycle_id, "close", by=by, at=at)
