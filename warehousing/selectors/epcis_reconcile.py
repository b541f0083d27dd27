"""What the events add up to, lot by lot, beside the ledger."""

from __future__ import annotations

from b2b.db.bulk import fetch, fetch_value

# The events say what came to real places and what left them (their location ends), the ledger says the same in legs.
# Both are summed per lot: a movement without its event, or an event without its movement, shows.
DIFFER = """
WITH signed AS MATERIALIZED (
    SELECT id, event_time,
        (SELECT count(*) FROM jsonb_array_elements(document -> 'destinationList') place
            WHERE place ->> 'type' = 'location')
        - (SELECT count(*) FROM jsonb_array_elements(document -> 'sourceList') place
            WHERE place ->> 'type' = 'location') AS way
    FROM warehousing_epcisevent WHERE kind = 'ObjectEvent' AND captured_by_id IS NULL
),
told AS (
    SELECT mention.lot_id, sum(mention.quantity * signed.way) AS quantity
    FROM warehousing_epcismention mention
    JOIN signed ON signed.id = mention.event_key AND signed.event_time = mention.event_time
    WHERE mention.lot_id IS NOT NULL AND mention.role = 'EPC' GROUP BY mention.lot_id
),
booked AS (
    SELECT entry.lot_id, sum(entry.quantity) AS quantity FROM warehousing_stockledgerentry entry
    JOIN warehousing_location place ON place.id = entry.location_id
    WHERE entry.lot_id IS NOT NULL AND place.kind NOT IN ('SUPPLIER', 'CUSTOMER', 'LOSS') GROUP BY entry.lot_id
)
SELECT coalesce(told.lot_id, booked.lot_id) AS lot_id, coalesce(booked.quantity, 0)::bigint AS expected,
    coalesce(told.quantity, 0)::bigint AS found
FROM booked FULL JOIN told ON told.lot_id = booked.lot_id
WHERE coalesce(booked.quantity, 0) <> coalesce(told.quantity, 0)
"""
_COMPARED = "SELECT count(DISTINCT lot_id) FROM warehousing_stockledgerentry WHERE lot_id IS NOT NULL"
_NAMES = """
SELECT differ.lot_id, product.sku, lot.number, differ.expected, differ.found
FROM ({differ}) differ JOIN warehousing_lot lot ON lot.id = differ.lot_id
JOIN catalog_product product ON product.id = lot.product_id ORDER BY product.sku, lot.number
"""


def differences() -> list[tuple[str, str, int, int]]:
    """Return (SKU, lot, what the ledger says, what the events say) where they disagree; base units on hand."""
    rows = fetch(_NAMES.format(differ=DIFFER))
    return [(sku, number, expected, found) for _, sku, number, expected, found in rows]


def compared() -> int:
    """Return how many lots there are to compare."""
    return int(fetch_value(_COMPARED))
