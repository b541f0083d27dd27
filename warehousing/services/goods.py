"""Hold goods before touching them, for whoever takes goods in several steps.

The one order of locks: documents, then lots, then demands, then goods, then books, each in key order. A single movement
or allocation locks its own goods in order; two of them in one unit of work would not, unless all were held before.
"""

from __future__ import annotations

from collections.abc import Collection

from b2b.db.locks import lock
from b2b.db.transactions import require_transaction
from warehousing.models import Quant


def hold(product_ids: Collection[int], *, warehouse_id: int | None = None) -> None:
    """Lock all goods of some products, in one house or everywhere, in key order; one statement.

    The caller holds the documents, lots and demands, and no books yet.
    """
    require_transaction()
    rows = Quant.objects.filter(product_id__in=set(product_ids))
    if warehouse_id is not None:
        rows = rows.filter(location__warehouse_id=warehouse_id)
    lock(rows.only("pk"))
