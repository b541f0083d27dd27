"""Move quantities through the buckets of purchase lines, once per source document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from b2b.db.bulk import fetch, transpose, unnest
from b2b.db.transactions import require_transaction
from orders.models import SupplyEvent

BUCKETS: Final = tuple(SupplyEvent.Kind.values)
_COLUMNS: Final = {"line_id": "bigint", "kind": "text", "quantity": "bigint"}
_SUMS: Final = ", ".join(
    f"coalesce(sum(quantity) FILTER (WHERE kind = '{bucket}'), 0) AS {bucket}" for bucket in BUCKETS
)
_SET: Final = ", ".join(f"{bucket} = line.{bucket} + sums.{bucket}" for bucket in BUCKETS)


def advance(
    changes: Iterable[tuple[int, str, int]], *, source: str, at: datetime
) -> dict[tuple[int, str], int]:
    """Apply (purchase line, bucket, change) triples and return those that were new; a source counts once.

    The caller holds the purchase order.
    """
    require_transaction()
    wanted: dict[tuple[int, str], int] = {}
    for line_id, bucket, change in changes:
        wanted[line_id, bucket] = wanted.get((line_id, bucket), 0) + change
    rows = [(line_id, bucket, change) for (line_id, bucket), change in sorted(wanted.items()) if change]
    if not rows:
        return {}
    told = fetch(
        f"""
        WITH told AS (
            INSERT INTO orders_supplyevent (purchase_order_line_id, factory_id, kind, quantity, source, at)
            SELECT given.line_id, line.factory_id, given.kind, given.quantity, %(source)s, %(at)s
            FROM {unnest(_COLUMNS)} JOIN orders_purchaseorderline line ON line.id = given.line_id
            ON CONFLICT DO NOTHING
            RETURNING purchase_order_line_id AS line_id, kind, quantity),
        sums AS (SELECT line_id, {_SUMS} FROM told GROUP BY line_id),
        moved AS (UPDATE orders_purchaseorderline line SET {_SET} FROM sums WHERE line.id = sums.line_id)
        SELECT line_id, kind, quantity FROM told
        """,
        {**transpose(list(_COLUMNS), rows), "source": source, "at": at},
    )
    return {(line_id, kind): quantity for line_id, kind, quantity in told}
