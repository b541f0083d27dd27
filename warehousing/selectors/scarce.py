"""Where more is promised than there is, and to whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from b2b.db.bulk import fetch

# A book is scarce when on some day more is promised to last until then than there is that does.
_SCARCE: Final = """
WITH asked AS (
    SELECT DISTINCT book_id FROM warehousing_promise WHERE id = ANY(%(ids)s::bigint[]) AND status = 'ON_HAND'
),
levels AS (
    SELECT book.id, book.product_id, book.warehouse_id, book.owner_id, '-infinity'::date AS day, book.promised
    FROM warehousing_promisebook book JOIN asked ON asked.book_id = book.id WHERE book.promised > 0
    UNION ALL
    SELECT book.id, book.product_id, book.warehouse_id, book.owner_id, band.min_expiry_date,
        sum(band.promised) OVER (PARTITION BY book.id ORDER BY band.min_expiry_date DESC)
    FROM warehousing_promiseband band JOIN asked USING (book_id)
    JOIN warehousing_promisebook book ON book.id = asked.book_id
    WHERE band.promised > 0 AND band.min_expiry_date > %(today)s
)
SELECT DISTINCT levels.id FROM levels WHERE levels.promised > (
    SELECT coalesce(sum(there.on_hand), 0) FROM warehousing_usable there
    WHERE there.product_id = levels.product_id AND there.warehouse_id = levels.warehouse_id
        AND there.owner_id IS NOT DISTINCT FROM levels.owner_id
        AND (there.expiry_date IS NULL OR there.expiry_date > %(today)s)
        AND (there.expiry_date IS NULL OR there.expiry_date >= levels.day))
ORDER BY levels.id
"""
_OPEN: Final = """
SELECT promise.book_id, promise.id, demand.dealer_id, promise.quantity - promise.picked,
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
    dealer_id: int
    quantity: int
    day: date
    reserved: int


def books(promise_ids: Collection[int], *, today: date) -> list[int]:
    """Return the books of these promises in which more is promised than there is; one statement."""
    return [key for (key,) in fetch(_SCARCE, {"ids": list(promise_ids), "today": today})]


def promises(book_ids: Collection[int], *, today: date) -> list[OpenPromise]:
    """Return all open promises of books, those served first before the others; one statement."""
    return [OpenPromise(*row) for row in fetch(_OPEN, {"books": list(book_ids), "today": today})]


def supply(book_ids: Collection[int], *, today: date) -> dict[int, dict[date, int]]:
    """Return book -> expiry date -> base units on hand (no expiry: date.max); one statement."""
    found: dict[int, dict[date, int]] = {key: {} for key in book_ids}
    for key, expiry, quantity in fetch(_SUPPLY, {"books": list(book_ids), "today": today}):
        found[key][expiry or date.max] = quantity
    return found
