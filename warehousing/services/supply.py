"""Keep received goods for whom they were allotted to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Max

from b2b.contracts.orders import SupplyAllocated
from b2b.core.quantity import largest_remainder
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import advisory_lock, lock
from b2b.db.transactions import unit_of_work
from warehousing.models import Demand, SupplyShare, Warehouse
from warehousing.services import promise, promise_expected
from warehousing.services.promise import Wish

COLUMNS = {
    "purchase_order_line_id": "bigint",
    "order_line_id": "bigint",
    "order_id": "uuid",
    "product_id": "bigint",
    "quantity": "bigint",
}

SHARE = f"""
INSERT INTO warehousing_supplyshare (purchase_order_id, version, warehouse_site_id, purchase_order_line_id,
    order_line_id, order_id, product_id, quantity)
SELECT %(purchase_order_id)s, %(version)s, %(warehouse_site_id)s, purchase_order_line_id, order_line_id, order_id,
    product_id, quantity
FROM {unnest(COLUMNS)}
"""

# Per share what is still to be kept for it, and per product what was received and not yet kept for any share.
OUTSTANDING = """
WITH kept AS (
    SELECT demand_id, purchase_order_id, quantity FROM warehousing_promise
    WHERE status IN ('ON_HAND', 'EXPECTED', 'FULFILLED') AND demand_id = ANY(%(demand_ids)s::bigint[])
),
had AS (
    SELECT demand_id, sum(quantity) AS quantity,
        sum(quantity) FILTER (WHERE purchase_order_id = %(purchase_order_id)s) AS from_here
    FROM kept GROUP BY demand_id
),
shares AS (
    SELECT order_line_id, sum(quantity) AS quantity FROM warehousing_supplyshare
    WHERE purchase_order_id = %(purchase_order_id)s GROUP BY order_line_id
),
given AS (
    SELECT book.product_id, sum(kept.quantity) AS quantity FROM warehousing_promise kept
    JOIN warehousing_promisebook book ON book.id = kept.book_id
    WHERE kept.purchase_order_id = %(purchase_order_id)s AND kept.status IN ('ON_HAND', 'EXPECTED', 'FULFILLED')
    GROUP BY book.product_id
),
received AS (
    SELECT line.product_id, sum(line.accepted_quantity) AS quantity FROM warehousing_receiptline line
    JOIN warehousing_receipt receipt ON receipt.id = line.receipt_id
    WHERE receipt.purchase_order_id = %(purchase_order_id)s AND line.accepted_quantity > 0 GROUP BY line.product_id
)
SELECT demand.id, demand.product_id,
    greatest(0, least(shares.quantity - coalesce(had.from_here, 0),
        demand.quantity - coalesce(had.quantity, 0)))::bigint,
    (received.quantity - coalesce(given.quantity, 0))::bigint
FROM warehousing_demand demand JOIN shares ON shares.order_line_id = demand.order_line_id
JOIN received ON received.product_id = demand.product_id
LEFT JOIN had ON had.demand_id = demand.id LEFT JOIN given ON given.product_id = demand.product_id
WHERE demand.id = ANY(%(demand_ids)s::bigint[]) AND NOT demand.is_cancelled
ORDER BY demand.order_line_id
"""


@unit_of_work()
def allocate(sharing: SupplyAllocated, *, at: datetime) -> int:
    """Replace the sharing of a purchase order by a newer one; return how many units were promised by it at once.

    Goods of the purchase order may be in already: late sharings are served like early ones.
    """
    purchase_order_id = sharing.purchase_order_id
    advisory_lock(f"supply {purchase_order_id}")
    shares = SupplyShare.objects.filter(purchase_order_id=purchase_order_id)
    if (shares.aggregate(known=Max("version"))["known"] or 0) >= sharing.version:
        return 0
    shares.delete()
    rows = transpose(
        list(COLUMNS), ([getattr(share, name) for name in COLUMNS] for share in sharing.allocations)
    )
    execute(
        SHARE,
        {
            **rows,
            "purchase_order_id": purchase_order_id,
            "version": sharing.version,
            "warehouse_site_id": sharing.warehouse_site_id,
        },
    )
    return settle(purchase_order_id, at=at)


@unit_of_work()
def settle(purchase_order_id: UUID, *, at: datetime) -> int:
    """Promise what was received of a purchase order to its shares; return how many units. Safe to call at any time.

    When less came than was shared, dealers get parts in proportion to what they still lack of their share, by largest
    remainder in the order of their lines: the rule by which orders fills its pegs. What nobody is allotted goes
    to who was promised goods on their way; the rest stays free.
    """
    shares = SupplyShare.objects.filter(purchase_order_id=purchase_order_id)
    first = shares.first()
    if first is None:
        return promise_expected.arrive(purchase_order_id, at=at)
    demands = lock(Demand.objects.filter(order_line_id__in=shares.values("order_line_id")).only("pk"))
    given = {"purchase_order_id": purchase_order_id, "demand_ids": [demand.pk for demand in demands]}
    wanting: dict[int, list[tuple[int, int]]] = {}
    received: dict[int, int] = {}
    for demand_id, product_id, wanted, left in fetch(OUTSTANDING, given):
        wanting.setdefault(product_id, []).append((demand_id, wanted))
        received[product_id] = max(0, left)
    house = Warehouse.objects.filter(site_id=first.warehouse_site_id).values_list("pk", flat=True).first()
    wishes: list[Wish] = []
    for product_id, parts in wanting.items():
        asked = [wanted for _, wanted in parts]
        if sum(asked) > received[product_id]:
            asked = largest_remainder(received[product_id], asked)
        wishes += [
            Wish(key, house, quantity) for (key, _), quantity in zip(parts, asked, strict=True) if quantity
        ]
    granted = promise.grant(wishes, at=at, purchase_order_id=purchase_order_id)
    return sum(one.quantity for one in granted) + promise_expected.arrive(purchase_order_id, at=at)
