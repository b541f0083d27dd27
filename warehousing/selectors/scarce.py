"""What is promised of books that promise more than there is, and what there is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from b2b.db.bulk import fetch

_OPEN: Final = """
SELECT promise.book_id, promise.id, demand.order_line_id, demand.dealer_id, promise.quantity - promise.picked,
    greatest(coalesce(promise.min_expiry_date, '-infinity'), %(today)s::date + greatest(promise.min_remaining_days, 1)),
    coalesce((SELECT sum(kept.quantity) FROM warehousing_reservation kept
        WHERE kept.promise_id = promise.id AND kept.status = 'ACTIVE'), 0)::bigint
FROM warehousing_promise promise JOIN warehousing_demand demand ON demand.id = promise.demand_id
WHERE promise.book_id = ANY(%(books)s::bigint[]) AND promise.status = 'ON_HAND'
ORDER BY promise.book_id, promise.priority, demand.need_by_date, promise.id
"""
_SUPPLY: Final = """
SELECT book.id, there.expiry_date, sum(there.on_hand)::bigint
FROM warehousing_promisebook book JOIN warehousing_usable there ON there.product_id = book.product_id
    AND there.warehouse_id = book.warehouse_id AND there.owner_id IS NOT DISTINCT FROM book.owner_id
WHERE book.id = ANY(%(books)s::bigint[]) AND (there.expiry_date IS NULL OR there.expiry_date > %(today)s)
GROUP BY book.id, there.expiry_date
"""


@dataclass(frozen=True, slots=True)
class OpenPromise:
    """A promise of a scarce book, in serving order: base units to be kept, goods from `day` on, `reserved` so far."""

    book_id: int
    promise_id: int
    order_line_id: int
    dealer_id: int
    quantity: int
    day: date
    reserved: int


def promises(book_ids: Collection[int], *, today: date) -> list[OpenPromise]:
    """Return all open promises of books, those served first before the others; one statement."""
    return [OpenPromise(*row) for row in fetch(_OPEN, {"books": list(book_ids), "today": today})]


def supply(book_ids: Collection[int], *, today: date) -> dict[int, dict[date, int]]:
    """Return book -> expiry date -> base units on hand (no expiry: date.max); one statement."""
    found: dict[int, dict[date, int]] = {key: {} for key in book_ids}
    for key, expiry, quantity in fetch(_SUPPLY, {"books": list(book_ids), "today": today}):
        found[key][expiry or date.max] = quantity
    return found
