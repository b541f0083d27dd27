"""The one statement that appends the ledger and moves the balances."""

from __future__ import annotations

from b2b.db.bulk import unnest

COLUMNS = {
    "movement": "uuid",
    "owner_id": "bigint",
    "to_owner_id": "bigint",
    "product_id": "bigint",
    "lot_id": "bigint",
    "serial_id": "bigint",
    "source_id": "bigint",
    "destination_id": "bigint",
    "unit_id": "bigint",
    "into_unit_id": "bigint",
    "status": "text",
    "to_status": "text",
    "quantity": "bigint",
    "reserved": "bigint",
    "kind": "text",
    "own_document": "uuid",
    "reverses": "uuid",
}

KEY = "owner_id, product_id, lot_id, location_id, handling_unit_id, status"

# What has a balance to change, both ends of every move; the caller says which places are real.
ENDS = """
    SELECT source_id AS location_id, owner_id, unit_id AS handling_unit_id, status, product_id, lot_id FROM given
    UNION SELECT destination_id, to_owner_id, into_unit_id, to_status, product_id, lot_id FROM given
"""

# Every balance a post touches, in key order, so that writers wait for each other instead of deadlocking.
LOCK = f"""
WITH given AS (SELECT * FROM {unnest(COLUMNS)})
SELECT quant.id FROM ({ENDS}) ends JOIN warehousing_quant quant
    ON quant.product_id = ends.product_id AND quant.location_id = ends.location_id
    AND quant.lot_id IS NOT DISTINCT FROM ends.lot_id AND quant.owner_id IS NOT DISTINCT FROM ends.owner_id
    AND quant.handling_unit_id IS NOT DISTINCT FROM ends.handling_unit_id AND quant.status = ends.status
ORDER BY quant.id FOR NO KEY UPDATE OF quant
"""

# Lowering is guarded by its WHERE and by the CHECK of the table; raising may meet a row another session just made.
# Units and serials move with their goods; a serial only from where it is. Answers: refused balances, refused serials,
# the moment, and where in the ledger the movements stand that finance is told of.
POST = f"""
WITH given AS (SELECT * FROM {unnest(COLUMNS)}),
legs AS (
    SELECT movement, owner_id, product_id, lot_id, serial_id, source_id AS location_id, unit_id AS handling_unit_id,
        status, -quantity AS quantity, -reserved AS reserved, kind, own_document, reverses FROM given
    UNION ALL
    SELECT movement, to_owner_id, product_id, lot_id, serial_id, destination_id, into_unit_id,
        to_status, quantity, 0, kind, own_document, reverses FROM given
),
entries AS (
    INSERT INTO warehousing_stockledgerentry (movement, owner_id, product_id, lot_id, serial_id, location_id,
        handling_unit_id, status, quantity, kind, effective_at, recorded_at, document_type, document_id, reason,
        reverses)
    SELECT movement, owner_id, product_id, lot_id, serial_id, location_id, handling_unit_id, status, quantity, kind,
        %(effective_at)s, midstream_now(), %(document_type)s,
        coalesce(own_document, %(document_id)s), %(reason)s, reverses
    FROM legs
    RETURNING id, movement
),
deltas AS (
    SELECT {KEY}, sum(quantity)::bigint AS on_hand, sum(reserved)::bigint AS reserved
    FROM legs WHERE location_id = ANY(%(real)s::bigint[]) GROUP BY {KEY}
),
lowered AS (
    UPDATE warehousing_quant quant
    SET on_hand = quant.on_hand + delta.on_hand, reserved = quant.reserved + delta.reserved
    FROM deltas delta
    WHERE quant.product_id = delta.product_id AND quant.location_id = delta.location_id
    AND quant.lot_id IS NOT DISTINCT FROM delta.lot_id AND quant.owner_id IS NOT DISTINCT FROM delta.owner_id
    AND quant.handling_unit_id IS NOT DISTINCT FROM delta.handling_unit_id AND quant.status = delta.status
    AND (delta.on_hand < 0 OR delta.reserved < 0)
    AND quant.reserved + delta.reserved >= 0
    AND quant.on_hand + delta.on_hand >= quant.reserved + delta.reserved
    RETURNING 1
),
raised AS (
    INSERT INTO warehousing_quant AS quant ({KEY}, on_hand, reserved, since_at)
    SELECT {KEY}, on_hand, 0, %(effective_at)s
    FROM deltas WHERE on_hand >= 0 AND reserved >= 0
    ORDER BY product_id, location_id, lot_id, owner_id, handling_unit_id, status
    ON CONFLICT (product_id, location_id, lot_id, owner_id, handling_unit_id, status) DO UPDATE SET
        since_at = CASE WHEN quant.on_hand = 0 THEN excluded.since_at ELSE quant.since_at END,
        on_hand = quant.on_hand + excluded.on_hand
    RETURNING 1
),
carried AS (
    UPDATE warehousing_handlingunit unit SET location_id = moved.destination_id
    FROM (SELECT DISTINCT into_unit_id, destination_id FROM given WHERE into_unit_id IS NOT NULL) moved
    WHERE unit.id = moved.into_unit_id AND unit.location_id IS DISTINCT FROM moved.destination_id
),
handed AS (
    UPDATE warehousing_serial serial SET location_id = given.destination_id, handling_unit_id = given.into_unit_id
    FROM given WHERE serial.id = given.serial_id AND serial.product_id = given.product_id
    AND (serial.location_id = given.source_id
        OR serial.location_id IS NULL AND NOT given.source_id = ANY(%(real)s::bigint[]))
    RETURNING 1
)
SELECT (SELECT count(*) FROM deltas) - (SELECT count(*) FROM lowered) - (SELECT count(*) FROM raised),
    (SELECT count(serial_id) FROM given) - (SELECT count(*) FROM handed), midstream_now(),
    (SELECT json_object_agg(movement, position) FROM (
        SELECT movement, min(id) AS position FROM entries WHERE movement = ANY(%(told)s::uuid[]) GROUP BY movement) at)
"""
