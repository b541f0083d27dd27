"""What demands still lack."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from b2b.db.bulk import fetch
from b2b.db.models import array


@dataclass(frozen=True, slots=True)
class Need:
    """What one demand wants and has, in base units.

    `kept` is promised or picked for it, `from_stock` the part of that which came from free stock, and `coming` what
    was allotted to it from purchase orders and is not received yet.
    """

    demand_id: int
    order_line_id: int
    product_id: int
    need_by_date: date | None
    quantity: int
    kept: int
    from_stock: int
    coming: int

    @property
    def open_quantity(self) -> int:
        """What is not kept yet."""
        return max(0, self.quantity - self.kept)

    @property
    def lacking(self) -> int:
        """What is neither kept nor coming."""
        return max(0, self.quantity - self.kept - self.coming)


NEEDS = """
WITH kept AS (
    SELECT demand.id, kept.purchase_order_id, sum(kept.quantity) AS quantity
    FROM warehousing_demand demand JOIN warehousing_promise kept
        ON kept.demand_id = demand.id AND kept.status IN ('ON_HAND', 'EXPECTED', 'FULFILLED')
    WHERE demand.id = ANY(%(ids)s::bigint[]) GROUP BY demand.id, kept.purchase_order_id
),
had AS (
    SELECT id, sum(quantity) AS quantity, sum(quantity) FILTER (WHERE purchase_order_id IS NULL) AS from_stock
    FROM kept GROUP BY id
),
shares AS (
    SELECT demand.id, share.purchase_order_id, sum(share.quantity) AS quantity
    FROM warehousing_demand demand JOIN warehousing_supplyshare share ON share.order_line_id = demand.order_line_id
    WHERE demand.id = ANY(%(ids)s::bigint[]) GROUP BY demand.id, share.purchase_order_id
),
coming AS (
    SELECT shares.id, sum(greatest(shares.quantity - coalesce(kept.quantity, 0), 0)) AS quantity
    FROM shares LEFT JOIN kept ON kept.id = shares.id AND kept.purchase_order_id = shares.purchase_order_id
    GROUP BY shares.id
)
SELECT demand.id, demand.order_line_id, demand.product_id, demand.need_by_date,
    CASE WHEN demand.is_cancelled THEN 0 ELSE demand.quantity END,
    coalesce(had.quantity, 0)::bigint, coalesce(had.from_stock, 0)::bigint, coalesce(coming.quantity, 0)::bigint
FROM warehousing_demand demand LEFT JOIN had ON had.id = demand.id LEFT JOIN coming ON coming.id = demand.id
WHERE demand.id = ANY(%(ids)s::bigint[]) ORDER BY demand.id
"""


def of_demands(demand_ids: Collection[int]) -> list[Need]:
    """Return the needs of these demands in key order, in one statement; the caller decides who may ask."""
    return [Need(*row) for row in fetch(NEEDS, {"ids": list(demand_ids)})]


def from_stock(order_line_ids: Collection[int]) -> dict[int, int]:
    """Return what is kept of order lines from free stock, in one statement; lines without any are missing."""
    return dict(
        fetch(
            """
            SELECT demand.order_line_id, sum(kept.quantity)::bigint
            FROM warehousing_promise kept JOIN warehousing_demand demand ON demand.id = kept.demand_id
            WHERE kept.status IN ('ON_HAND', 'EXPECTED', 'FULFILLED') AND kept.purchase_order_id IS NULL
                AND demand.order_line_id = ANY(%s::bigint[]) GROUP BY demand.order_line_id
            """,
            [array(order_line_ids)],
        )
    )


def urgency(need: Need) -> tuple[date, int]:
    """Sort key: the earlier date first, no date last, then whoever was recorded first."""
    return (need.need_by_date or date.max, need.demand_id)
