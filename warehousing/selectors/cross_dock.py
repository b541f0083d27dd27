"""What of the goods at the dock nobody has to put away, because somebody is waiting for it."""

from __future__ import annotations

from typing import Final

from b2b.db.bulk import fetch

# Promised and not picked yet, less what stands on the shelves or is chosen at the dock already.
_HELD: Final = """
SELECT book.product_id, book.owner_id, book.promised - coalesce(there.quantity, 0)
FROM warehousing_promisebook book LEFT JOIN LATERAL (
    SELECT sum(CASE WHEN place.kind = 'RECEIVING' THEN quant.reserved ELSE quant.on_hand END)::bigint AS quantity
    FROM warehousing_quant quant JOIN warehousing_location place ON place.id = quant.location_id
    WHERE quant.product_id = book.product_id AND quant.owner_id IS NOT DISTINCT FROM book.owner_id
    AND quant.on_hand > 0 AND quant.status = 'AVAILABLE' AND place.warehouse_id = book.warehouse_id
    AND place.kind IN ('STORAGE', 'PICKING', 'RECEIVING')) there ON true
WHERE book.warehouse_id = %(warehouse_id)s AND book.promised > coalesce(there.quantity, 0)
"""


def held(warehouse_id: int) -> dict[tuple[int, int | None], int]:
    """Return (product, owner) -> base units at the dock that pickers will take straight to staging; one statement.

    That is what is promised beyond all that stands on the shelves: only goods of the dock can serve it.
    """
    rows = fetch(_HELD, {"warehouse_id": warehouse_id})
    return {(product_id, owner_id): quantity for product_id, owner_id, quantity in rows}
