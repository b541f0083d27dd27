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

# A statement looks up what it names (ADR 6) and does not hold it against a delete at the same time.
invariant(
    "stock.parents",
    "What promises, reservations and legs of movements name is there, and a reservation is of its promise's demand",
    """
    SELECT 'warehousing_promise' AS of_table, promise.id FROM warehousing_promise promise
    LEFT JOIN warehousing_demand demand ON demand.id = promise.demand_id
    LEFT JOIN warehousing_promisebook book ON book.id = promise.book_id
    WHERE demand.id IS NULL OR book.id IS NULL
    UNION ALL
    SELECT 'warehousing_reservation', kept.id FROM warehousing_reservation kept
    LEFT JOIN warehousing_promise promise ON promise.id = kept.promise_id AND promise.demand_id = kept.demand_id
    LEFT JOIN warehousing_quant quant ON quant.id = kept.quant_id
    WHERE promise.id IS NULL OR quant.id IS NULL
    UNION ALL
    SELECT 'warehousing_stockledgerentry', entry.id FROM warehousing_stockledgerentry entry
    LEFT JOIN catalog_product product ON product.id = entry.product_id
    LEFT JOIN warehousing_location place ON place.id = entry.location_id
    LEFT JOIN warehousing_lot lot ON lot.id = entry.lot_id
    LEFT JOIN warehousing_serial serial ON serial.id = entry.serial_id
    LEFT JOIN warehousing_handlingunit unit ON unit.id = entry.handling_unit_id
    LEFT JOIN directory_organization owner ON owner.id = entry.owner_id
    WHERE product.id IS NULL OR place.id IS NULL OR (entry.lot_id IS NOT NULL AND lot.id IS NULL)
        OR (entry.serial_id IS NOT NULL AND serial.id IS NULL)
        OR (entry.handling_unit_id IS NOT NULL AND unit.id IS NULL)
        OR (entry.owner_id IS NOT NULL AND owner.id IS NULL)
    """,
)
