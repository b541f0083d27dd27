"""Move what is given up of order lines to the pegs of its new owners."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from b2b.db.bulk import execute, transpose, unnest
from orders.models import Peg
from orders.policies.changed_line import Release

_PARTS: Final = {"peg_id": "bigint", "quantity": "bigint", "allocated": "bigint", "received": "bigint"}
_OWNED: Final = {
    "schedule_id": "bigint",
    "purchase_id": "bigint",
    "line_id": "bigint",
    "dealer_id": "bigint",
    "quantity": "bigint",
    "allocated": "bigint",
    "received": "bigint",
}


def move(moved: Sequence[Release]) -> None:
    """Move released units to their new owners, or to the platform; at most four statements.

    The caller holds the purchase orders and moves the buckets.
    """
    _reduce(moved)
    for owned in (True, False):
        parts = [part for part in moved if (part.owner is not None) == owned]
        if parts:
            _give(parts, owned=owned)
    kept: Counter[int] = Counter()
    for part in moved:
        if part.owner is None:
            kept[part.purchase_line_id] += part.quantity
    columns = {"line_id": "bigint", "quantity": "bigint"}
    execute(
        f"""
        UPDATE orders_purchaseorderline line SET surplus_quantity = line.surplus_quantity + given.quantity
        FROM {unnest(columns)} WHERE line.id = given.line_id
        """,
        transpose(list(columns), kept.items()),
    )


def _reduce(parts: Sequence[Release]) -> None:
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for part in parts:
        found = sums[part.peg_id]
        found[0] += part.quantity
        found[1] += part.quantity if part.is_answered else 0
        found[2] += part.received
    execute(
        f"""
        UPDATE orders_peg peg SET pegged = peg.pegged - given.quantity, allocated = peg.allocated - given.allocated,
            received = peg.received - given.received
        FROM {unnest(_PARTS)} WHERE peg.id = given.peg_id
        """,
        transpose(list(_PARTS), ((key, *found) for key, found in sums.items())),
    )


def _give(parts: Sequence[Release], *, owned: bool) -> None:
    """Peg units to their new owners; the platform's own peg grows where there is one."""
    owner = "" if owned else Peg.SurplusOwner.PLATFORM
    sums: dict[tuple[int, int, int | None, int | None], list[int]] = defaultdict(lambda: [0, 0, 0])
    for part in parts:
        found = sums[part.schedule_line_id, part.purchase_line_id, part.owner, part.owner_dealer_id]
        found[0] += part.quantity
        found[1] += part.quantity if part.is_answered else 0
        found[2] += part.received
    execute(
        f"""
        INSERT INTO orders_peg AS kept (schedule_line_id, purchase_order_line_id, order_line_id, dealer_id,
            surplus_owner, pegged, allocated, received)
        SELECT schedule_id, purchase_id, line_id, dealer_id, %(owner)s, quantity, allocated, received
        FROM {unnest(_OWNED)}
        ON CONFLICT (purchase_order_line_id, schedule_line_id, order_line_id, surplus_owner)
        DO UPDATE SET pegged = kept.pegged + excluded.pegged,
            allocated = kept.allocated + excluded.allocated, received = kept.received + excluded.received
        """,
        {**transpose(list(_OWNED), ((*key, *found) for key, found in sums.items())), "owner": owner},
    )
