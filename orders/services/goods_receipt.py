"""Take note of goods received: pegs fill, losses return to demand, purchase orders and cycles close."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.contracts.warehousing import ReceivedLine
from b2b.core.actor import Actor
from b2b.core.quantity import largest_remainder
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from orders.models import PurchaseOrder
from orders.services import (
    allocation,
    claim,
    cost_share,
    purchase_order_closing,
    quantity,
    shortage,
    signal_call_off,
    supply,
)

_COLUMNS: Final = {"peg_id": "bigint", "received": "bigint"}


@unit_of_work()
def note(
    purchase_order_id: UUID,
    *,
    lines: Sequence[ReceivedLine],
    receipt_id: UUID,
    inspected: bool = False,
    by: Actor,
    at: datetime,
) -> None:
    """Fill the pegs with accepted goods, let what was rejected or missing return to demand, and close what is complete.

    What an inspection rejected is claimed from the factory at once; what the dock found damaged waits for somebody to
    say who damaged it. The same receipt counts once. Goods beyond the allocations belong to no peg: they are the
    platform's stock.
    """
    order = lock_one(PurchaseOrder.objects.filter(pk=purchase_order_id))
    source = f"receipt:{receipt_id}"
    new = supply.advance((change for line in lines for change in _changes(line)), source=source, at=at)
    accepted = {line_id: total for (line_id, kind), total in new.items() if kind == "received"}
    if accepted:
        _fill(accepted, source=source, at=at)
    lost = [line_id for line_id, kind in new if kind == "confirmed"]
    if lost and PurchaseOrder.machine.allows(order.status, "shorten"):
        version = order.response_version + 1
        order.advance("shorten", by=by, at=at, reason="rejected or missing", response_version=version)
        allocation.share(order, lines=lost, at=at)
        shortage.follow(order, lines=lost, at=at)
    rejected = {line_id for line_id, kind in new if kind == "rejected"}
    if inspected and rejected:
        claim.raise_rejected(order, line_ids=rejected, by=by, at=at)
    if accepted:
        cost_share.follow_receipt(order, by=by, at=at)
    purchase_order_closing.close_when_complete(order, by=by, at=at)
    signal_call_off.follow(order, by=by, at=at)


def _changes(line: ReceivedLine) -> Iterator[tuple[int, str, int]]:
    """What did not come in good order was not sent, and is promised no more: the next cycle buys it again."""
    lost = line.rejected_quantity + line.missing_quantity
    for bucket, change in (
        ("received", line.accepted_quantity),
        ("rejected", line.rejected_quantity),
        ("despatched", -lost),
        ("confirmed", -lost),
    ):
        yield line.purchase_order_line_id, bucket, change


def _fill(accepted: dict[int, int], *, source: str, at: datetime) -> None:
    """Give dealers what came in proportion to what they still lack of their shares; the surplus takes what is left.

    The rule by which the warehouse keeps goods for shares: largest remainder in the order of the lines.
    """
    pegs: dict[int, list[tuple[int, int | None, int]]] = defaultdict(list)
    for purchase_line_id, peg_id, line_id, still_open in fetch(
        """
        SELECT purchase_order_line_id, id, order_line_id, allocated - received FROM orders_peg
        WHERE purchase_order_line_id = ANY(%s) AND allocated > received ORDER BY order_line_id NULLS LAST
        """,
        [list(accepted)],
    ):
        pegs[purchase_line_id].append((peg_id, line_id, still_open))
    filled, moved = [], []
    for purchase_line_id, members in pegs.items():
        left = accepted[purchase_line_id]
        weights = [still_open for _, line_id, still_open in members if line_id is not None]
        parts = largest_remainder(min(left, sum(weights)), weights)
        moved += [
            (line_id, "received", part)
            for (_, line_id, _), part in zip(members, parts, strict=False)
            if line_id
        ]
        for _, line_id, still_open in members:
            if line_id is None:
                parts.append(min(left - sum(parts), still_open))
        filled += [(peg_id, part) for (peg_id, _, _), part in zip(members, parts, strict=True)]
    quantity.advance(moved, source=source, at=at)
    execute(
        f"UPDATE orders_peg peg SET received = peg.received + given.received FROM {unnest(_COLUMNS)}"
        " WHERE peg.id = given.peg_id",
        transpose(list(_COLUMNS), filled),
    )
