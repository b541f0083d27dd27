"""What could be promised: on hand and expected, less what is promised already."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from b2b.db.bulk import fetch
from b2b.db.models import array

_FREE: Final = """
SELECT book.product_id, sum(greatest(0, coalesce(there.on_hand, 0) - book.promised))::bigint
FROM warehousing_promisebook book
JOIN warehousing_warehouse house ON house.id = book.warehouse_id AND house.is_active
LEFT JOIN (
    SELECT product_id, warehouse_id, sum(on_hand) AS on_hand FROM warehousing_usable
    WHERE product_id = ANY(%(products)s::bigint[]) AND owner_id IS NULL
        AND (expiry_date IS NULL OR expiry_date > %(today)s)
    GROUP BY product_id, warehouse_id
) there ON there.product_id = book.product_id AND there.warehouse_id = book.warehouse_id
WHERE book.product_id = ANY(%(products)s::bigint[]) AND book.owner_id IS NULL
GROUP BY book.product_id
"""


def free(product_ids: Collection[int], *, today: date) -> dict[int, int]:
    """Return product -> base units on the shelves that are promised to nobody, 0 for unknown ones; one statement.

    What one warehouse has promised beyond its goods does not lessen what another has free.
    """
    found = dict(fetch(_FREE, {"products": array(product_ids), "today": today}))
    return {key: found.get(key, 0) for key in product_ids}
