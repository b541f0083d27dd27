"""Promise goods that are on their way, to who needs them later than they come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from warehousing.models import Promise, PromiseBook
from warehousing.policies import promising
from warehousing.selectors.availability import COMING
from warehousing.selectors.need import Need, urgency
from warehousing.services import promise
from warehousing.services.promise import Wish

_COMING: Final = f"""
WITH asked AS (SELECT DISTINCT product_id FROM unnest(%(products)s::bigint[]) AS given(product_id)),
houses AS (SELECT id FROM warehousing_warehouse WHERE is_active),
{COMING}
SELECT product_id, warehouse_id, day, quantity::bigint FROM coming WHERE quantity > 0
ORDER BY product_id, warehouse_id
"""
_BOOKS: Final = {"product_id": "bigint", "warehouse_id": "bigint"}
_OPEN_BOOKS: Final = f"""
INSERT INTO warehousing_promisebook (product_id, warehouse_id, promised)
SELECT DISTINCT product_id, warehouse_id, 0 FROM {unnest(_BOOKS)} ORDER BY 1, 2
ON CONFLICT (product_id, warehouse_id, owner_id) DO NOTHING
"""
_TAKEN: Final = """
SELECT book_id, available_date, sum(quantity)::bigint FROM warehousing_promise
WHERE status = 'EXPECTED' AND book_id = ANY(%(books)s::bigint[]) GROUP BY 1, 2
"""
# Goods of a purchase order that came: who was promised some of their product, and is served from the shelves now.
_WAITING: Final = """
SELECT promise.id, promise.demand_id, book.warehouse_id, promise.quantity FROM warehousing_promise promise
JOIN warehousing_promisebook book ON book.id = promise.book_id
WHERE promise.status = 'EXPECTED' AND (book.product_id, book.warehouse_id) IN (
    SELECT line.product_id, receipt.warehouse_id FROM warehousing_receipt receipt
    JOIN warehousing_receiptline line ON line.receipt_id = receipt.id
    WHERE receipt.purchase_order_id = %(purchase_order_id)s AND receipt.status = 'RECEIVED')
ORDER BY promise.demand_id, promise.available_date, promise.id
"""
_REST: Final = {"id": "bigint", "rest": "bigint"}
_STILL: Final = f"""
UPDATE warehousing_promise promise SET status = 'EXPECTED', quantity = given.rest
FROM {unnest(_REST)} WHERE promise.id = given.id
"""


@unit_of_work()
def make(needs: Sequence[Need], *, at: datetime) -> dict[int, int]:
    """Promise what these needs lack from receipts that come in time; return demand -> promised. Constant statements.

    Only needs with a date are served, the most urgent first, and only with goods no order line was allotted. The
    caller holds the demands.
    """
    asking = sorted((one for one in needs if one.lacking and one.need_by_date), key=urgency)
    if not asking:
        return {}
    products = [one.product_id for one in asking]
    on_the_way = coming(products, today=at.date())
    if not on_the_way:
        return {}
    execute(_OPEN_BOOKS, transpose(list(_BOOKS), on_the_way))
    books = {
        (book.product_id, book.warehouse_id): book.pk
        for book in lock(PromiseBook.objects.filter(product_id__in=products, owner=None))
    }
    taken: dict[int, dict[date, int]] = {}
    for book_id, day, quantity in fetch(_TAKEN, {"books": list(books.values())}):
        taken.setdefault(book_id, {})[day] = quantity
    lacking = {one.demand_id: one.lacking for one in asking}
    made: list[Promise] = []
    for key, arrivals in on_the_way.items():
        wanted = [one for one in asking if one.product_id == key[0] and lacking[one.demand_id]]
        days = [(one.need_by_date or date.max, lacking[one.demand_id]) for one in wanted]
        parts = promising.in_time(days, arrivals, taken.get(books[key], {}))
        for one, (day, _), part in zip(wanted, days, parts, strict=True):
            if part:
                lacking[one.demand_id] -= part
                made.append(
                    Promise(
                        demand_id=one.demand_id,
                        book_id=books[key],
                        quantity=part,
                        status="EXPECTED",
                        available_date=day,
                        promised_at=at,
                    )
                )
    Promise.objects.bulk_create(made)
    return {
        one.demand_id: one.lacking - lacking[one.demand_id]
        for one in asking
        if lacking[one.demand_id] < one.lacking
    }


def coming(product_ids: Collection[int], *, today: date) -> dict[tuple[int, int], dict[date, int]]:
    """Return (product, warehouse) -> day -> base units that come then and no order line was allotted; one statement."""
    found: dict[tuple[int, int], dict[date, int]] = {}
    given = {"products": list(product_ids), "today": today}
    for product_id, warehouse_id, day, quantity in fetch(_COMING, given):
        found.setdefault((product_id, warehouse_id), {})[day] = quantity
    return found


@unit_of_work()
def arrive(purchase_order_id: UUID, *, at: datetime) -> int:
    """Turn promises of goods on their way into promises from the shelves, now that goods came; return base units.

    What cannot be served yet waits for the next receipt.
    """
    waiting = fetch(_WAITING, {"purchase_order_id": purchase_order_id})
    if not waiting:
        return 0
    keys = [key for key, *_ in waiting]
    lock(Promise.objects.filter(pk__in=keys).only("pk"))
    Promise.objects.filter(pk__in=keys).update(status="RELEASED")
    granted = promise.by_demand(
        promise.grant([Wish(demand, house, quantity) for _, demand, house, quantity in waiting], at=at)
    )
    total, rests = sum(granted.values()), []
    for key, demand, _, quantity in waiting:
        part = min(quantity, granted.get(demand, 0))
        granted[demand] = granted.get(demand, 0) - part
        if part < quantity:
            rests.append((key, quantity - part))
    if rests:
        execute(_STILL, transpose(list(_REST), rests))
    return total
