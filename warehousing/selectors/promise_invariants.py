"""What must always hold of promises."""

from __future__ import annotations

from b2b.db.invariants import invariant

invariant(
    "promise.books",
    "A book is promised what its open promises add up to",
    """
    SELECT book.id, book.promised AS found, coalesce(sum(promise.quantity - promise.picked), 0) AS expected
    FROM warehousing_promisebook book
    LEFT JOIN warehousing_promise promise ON promise.book_id = book.id AND promise.status = 'ON_HAND'
    GROUP BY book.id HAVING book.promised <> coalesce(sum(promise.quantity - promise.picked), 0)
    """,
)
invariant(
    "promise.bands",
    "A band is promised what the open promises of its day add up to",
    """
    SELECT coalesce(band.book_id, open.book_id) AS book_id, coalesce(band.min_expiry_date, open.min_expiry_date) AS day,
        coalesce(band.promised, 0) AS found, coalesce(open.quantity, 0) AS expected
    FROM warehousing_promiseband band FULL JOIN (
        SELECT book_id, min_expiry_date, sum(quantity - picked) AS quantity FROM warehousing_promise
        WHERE status = 'ON_HAND' AND min_expiry_date IS NOT NULL GROUP BY book_id, min_expiry_date) open
        ON open.book_id = band.book_id AND open.min_expiry_date = band.min_expiry_date
    WHERE coalesce(band.promised, 0) <> coalesce(open.quantity, 0)
    """,
)
invariant(
    "promise.goods",
    "No promise has more goods reserved than are still to be picked for it, and what is picked is what was reserved",
    """
    SELECT promise.id, promise.quantity, promise.picked, promise.status,
        coalesce(sum(kept.quantity) FILTER (WHERE kept.status = 'ACTIVE'), 0) AS reserved
    FROM warehousing_promise promise LEFT JOIN warehousing_reservation kept ON kept.promise_id = promise.id
    GROUP BY promise.id
    HAVING coalesce(sum(kept.quantity) FILTER (WHERE kept.status = 'ACTIVE'), 0)
            > CASE WHEN promise.status = 'ON_HAND' THEN promise.quantity - promise.picked ELSE 0 END
        OR coalesce(sum(kept.quantity) FILTER (WHERE kept.status = 'PICKED'), 0) <> promise.picked
    """,
)
invariant(
    "stock.demand",
    "No demand holds more than it wants",
    """
    SELECT demand.id, demand.quantity, sum(promise.quantity) AS kept
    FROM warehousing_demand demand JOIN warehousing_promise promise ON promise.demand_id = demand.id
    WHERE promise.status IN ('ON_HAND', 'EXPECTED', 'FULFILLED')
    GROUP BY demand.id HAVING sum(promise.quantity)
        > greatest(CASE WHEN demand.is_cancelled THEN 0 ELSE demand.quantity END, sum(promise.picked))
    """,
)
