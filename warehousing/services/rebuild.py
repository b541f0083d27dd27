"""Make balances again from what they follow: the ledger and the reservations."""

from __future__ import annotations

from dataclasses import dataclass

from b2b.db.bulk import execute, fetch_value
from b2b.db.transactions import unit_of_work

KEY = "owner_id, product_id, lot_id, location_id, handling_unit_id, status"

# `since_at` of a balance that is missing altogether is when its last arrival took effect; else it is kept, since
# the ledger does not tell which arrivals were of one statement.
TRUTH = f"""
SELECT {KEY}, sum(quantity)::bigint AS on_hand, max(effective_at) FILTER (WHERE quantity > 0) AS since_at
FROM warehousing_stockledgerentry entry
WHERE NOT EXISTS (SELECT FROM warehousing_location place
    WHERE place.id = entry.location_id AND place.kind IN ('SUPPLIER', 'CUSTOMER', 'LOSS'))
GROUP BY {KEY}
"""
KEPT = """
SELECT quant_id, sum(quantity)::bigint AS reserved FROM warehousing_reservation WHERE status = 'ACTIVE'
GROUP BY quant_id
"""
SAME = """quant.product_id = truth.product_id AND quant.location_id = truth.location_id
    AND quant.lot_id IS NOT DISTINCT FROM truth.lot_id AND quant.owner_id IS NOT DISTINCT FROM truth.owner_id
    AND quant.handling_unit_id IS NOT DISTINCT FROM truth.handling_unit_id AND quant.status = truth.status"""

DIFFERENT = f"""
WITH truth AS MATERIALIZED ({TRUTH}),
there AS (
    SELECT quant.*, coalesce(kept.reserved, 0) AS kept
    FROM warehousing_quant quant LEFT JOIN ({KEPT}) kept ON kept.quant_id = quant.id
)
SELECT
    (SELECT count(*) FROM there quant LEFT JOIN truth ON {SAME}
     WHERE quant.on_hand <> coalesce(truth.on_hand, 0) OR quant.reserved <> quant.kept)
    + (SELECT count(*) FROM truth WHERE on_hand <> 0 AND NOT EXISTS (SELECT FROM there quant WHERE {SAME}))
"""
MISSING = f"""
INSERT INTO warehousing_quant ({KEY}, on_hand, reserved, since_at)
SELECT {KEY}, on_hand, 0, since_at FROM ({TRUTH}) truth
WHERE on_hand > 0 AND NOT EXISTS (SELECT FROM warehousing_quant quant WHERE {SAME})
"""
RIGHT = f"""
UPDATE warehousing_quant quant SET on_hand = coalesce(truth.on_hand, 0), reserved = coalesce(truth.reserved, 0)
FROM (
    SELECT quant.id, truth.on_hand, kept.reserved FROM warehousing_quant quant
    LEFT JOIN ({TRUTH}) truth ON {SAME} LEFT JOIN ({KEPT}) kept ON kept.quant_id = quant.id
) truth
WHERE quant.id = truth.id AND (quant.on_hand, quant.reserved)
    IS DISTINCT FROM (coalesce(truth.on_hand, 0), coalesce(truth.reserved, 0))
"""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many balances were compared, wrong, and set right."""

    compared: int
    wrong: int
    mended: int = 0


@unit_of_work()
def check() -> Rebuilt:
    """Compare every balance with the ledger and the reservations; reads only."""
    return Rebuilt(int(fetch_value("SELECT count(*) FROM warehousing_quant")), int(fetch_value(DIFFERENT)))


@unit_of_work()
def rebuild() -> Rebuilt:
    """Set every balance to what the ledger and the reservations say; writers wait meanwhile, readers do not."""
    execute("LOCK TABLE warehousing_quant IN SHARE ROW EXCLUSIVE MODE")
    found = check()
    mended = execute(RIGHT) + execute(MISSING)
    return Rebuilt(found.compared, found.wrong, mended)
