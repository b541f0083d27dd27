"""The statements of stock valuation: what a new fact touches, what is loaded, and what is written."""

from __future__ import annotations

from typing import Final

from b2b.db.bulk import unnest

FACT: Final = {
    "movement": "uuid",
    "position": "bigint",
    "product_id": "bigint",
    "warehouse_site_id": "bigint",
    "quantity": "bigint",
    "kind": "text",
    "document_id": "uuid",
    "purchase_order_line_id": "bigint",
    "shipment_id": "uuid",
    "reverses": "uuid",
}
RECORD: Final = f"""
INSERT INTO finance_stockmovement ({", ".join(FACT)}, document_type, effective_at, recorded_at, is_void, is_valued,
    value, absorbed, extra)
SELECT {", ".join(FACT)}, %(document_type)s, %(effective_at)s, %(recorded_at)s, false, false, 0, 0, 0
FROM {unnest(FACT)} ORDER BY movement, warehouse_site_id
ON CONFLICT (movement, warehouse_site_id) DO NOTHING RETURNING id
"""

# A movement counts unless what took it back counts; what takes back never counts itself. Both ends may come first.
VOID: Final = """
WITH RECURSIVE up AS (
    SELECT movement, reverses, warehouse_site_id FROM finance_stockmovement WHERE id = ANY(%(fresh)s)
    UNION
    SELECT target.movement, target.reverses, target.warehouse_site_id FROM up
    JOIN finance_stockmovement target
        ON target.movement = up.reverses AND target.warehouse_site_id = up.warehouse_site_id
),
chain AS (
    SELECT movement AS root, movement, warehouse_site_id, 0 AS depth FROM up WHERE reverses IS NULL
    UNION ALL
    SELECT chain.root, taker.movement, taker.warehouse_site_id, chain.depth + 1 FROM chain
    JOIN finance_stockmovement taker
        ON taker.reverses = chain.movement AND taker.warehouse_site_id = chain.warehouse_site_id
),
decided AS (
    SELECT movement, warehouse_site_id, depth > 0
        OR mod(max(depth) OVER (PARTITION BY root, warehouse_site_id), 2) = 1 AS is_void FROM chain
)
UPDATE finance_stockmovement kept SET is_void = decided.is_void
FROM decided
WHERE kept.movement = decided.movement AND kept.warehouse_site_id = decided.warehouse_site_id
    AND kept.is_void <> decided.is_void
RETURNING kept.id
"""

HELD: Final = {"product_id": "bigint", "site_id": "bigint", "position": "bigint"}

# From where on stocks are to be valued anew. Receipts of one purchase line share its price to the cent, so that
# a fact about one is a fact about those after it; where other costs are shared, about all of them.
SEEDS: Final = """
WITH changed AS (SELECT * FROM finance_stockmovement WHERE id = ANY(%(changed)s))
SELECT product_id, warehouse_site_id, min(position) FROM (
    SELECT product_id, warehouse_site_id, position FROM changed
    UNION ALL
    SELECT later.product_id, later.warehouse_site_id, later.position FROM changed
    JOIN finance_stockmovement later ON later.purchase_order_line_id = changed.purchase_order_line_id
    WHERE later.position > changed.position OR EXISTS (
        SELECT FROM finance_stockcost cost WHERE cost.purchase_order_line_id = changed.purchase_order_line_id)
    UNION ALL
    SELECT product_id, warehouse_site_id, position FROM finance_stockmovement
    WHERE purchase_order_line_id = ANY(%(purchase_lines)s)
) touched GROUP BY 1, 2
"""
# What goods of these stocks are worth elsewhere: where they were brought to, and where they came back to.
LINKED: Final = f"""
WITH moved AS (
    SELECT moved.* FROM {unnest(HELD, "held")}
    JOIN finance_stockmovement moved ON moved.product_id = held.product_id
        AND moved.warehouse_site_id = held.site_id AND moved.position >= held.position
)
SELECT product_id, warehouse_site_id, min(position) FROM (
    SELECT other.product_id, other.warehouse_site_id, other.position FROM moved
    JOIN finance_stockmovement other ON other.movement = moved.movement
        AND other.warehouse_site_id <> moved.warehouse_site_id
    WHERE moved.quantity < 0
    UNION ALL
    SELECT other.product_id, other.warehouse_site_id, other.position FROM moved
    JOIN finance_stockmovement other ON other.shipment_id = moved.shipment_id
        AND other.product_id = moved.product_id AND other.warehouse_site_id <> moved.warehouse_site_id
    WHERE moved.shipment_id IS NOT NULL AND other.position > moved.position AND other.quantity > 0
) linked GROUP BY 1, 2
"""
STATE: Final = """position, movements, quantity, value, rate_quantity, rate_value, layer_sources, layer_quantities,
    layer_values, layer_taken"""
OPEN: Final = f"""
INSERT INTO finance_stockvalue (product_id, warehouse_site_id, currency, version, {STATE})
SELECT product_id, site_id, %(currency)s, 0, 0, 0, 0, 0, 0, 0, '{{}}', '{{}}', '{{}}', '{{}}'
FROM {unnest(HELD)} ORDER BY product_id, site_id ON CONFLICT (product_id, warehouse_site_id) DO NOTHING
"""
# The last state before what is to be valued anew: the present one, or a checkpoint.
STATES: Final = f"""
SELECT stock.id, stock.product_id, stock.warehouse_site_id, stock.version, known.* FROM {unnest(HELD, "held")}
JOIN finance_stockvalue stock ON stock.product_id = held.product_id AND stock.warehouse_site_id = held.site_id
LEFT JOIN LATERAL (
    SELECT {STATE} FROM (
        SELECT {STATE} FROM finance_stockvalue present WHERE present.id = stock.id
        UNION ALL
        SELECT {STATE} FROM finance_stockcheckpoint kept WHERE kept.stock_id = stock.id
    ) state WHERE state.position < held.position ORDER BY state.position DESC LIMIT 1) known ON true
"""

AFTER: Final = {"stock_id": "bigint", "product_id": "bigint", "site_id": "bigint", "after": "bigint"}
ROWS: Final = f"""
WITH moved AS MATERIALIZED (
    SELECT moved.*, held.stock_id FROM {unnest(AFTER, "held")}
    JOIN finance_stockmovement moved ON moved.product_id = held.product_id
        AND moved.warehouse_site_id = held.site_id AND moved.position > held.after
),
lines AS (SELECT DISTINCT purchase_order_line_id FROM moved WHERE purchase_order_line_id IS NOT NULL),
received AS (
    SELECT one.id, sum(one.quantity) OVER (PARTITION BY one.purchase_order_line_id ORDER BY one.position)::bigint
        AS so_far, sum(one.quantity) OVER (PARTITION BY one.purchase_order_line_id)::bigint AS total
    FROM lines JOIN finance_stockmovement one USING (purchase_order_line_id) WHERE NOT one.is_void
),
cost AS (
    SELECT purchase_order_line_id, sum(amount)::bigint AS amount
    FROM lines JOIN finance_stockcost one USING (purchase_order_line_id) GROUP BY 1
)
SELECT moved.id, moved.stock_id, moved.movement, moved.position, moved.quantity, moved.kind, moved.shipment_id,
    moved.is_void, moved.is_valued, moved.value, moved.absorbed, moved.extra, moved.document_type, moved.document_id,
    moved.effective_at, moved.purchase_order_line_id, terms.unit_price, terms.currency, terms.factory_id,
    received.so_far, received.total, coalesce(cost.amount, 0),
    sibling.movement IS NOT NULL AND NOT moved.is_void, -sibling.value, coalesce(declared.method, %(method)s)
FROM moved
LEFT JOIN finance_purchaseterms terms ON terms.purchase_order_line_id = moved.purchase_order_line_id
LEFT JOIN received ON received.id = moved.id
LEFT JOIN cost ON cost.purchase_order_line_id = moved.purchase_order_line_id
LEFT JOIN finance_stockmovement sibling ON sibling.movement = moved.movement
    AND sibling.warehouse_site_id <> moved.warehouse_site_id
LEFT JOIN LATERAL (
    SELECT method FROM finance_stockmethod one
    WHERE (one.product_id IS NULL OR one.product_id = moved.product_id)
        AND (one.warehouse_site_id IS NULL OR one.warehouse_site_id = moved.warehouse_site_id)
        AND one.since_at <= moved.recorded_at
    ORDER BY one.product_id IS NULL, one.warehouse_site_id IS NULL, one.since_at DESC LIMIT 1) declared ON true
ORDER BY moved.position, moved.quantity
"""
BACK: Final = {"shipment_id": "uuid", "product": "bigint", "first": "bigint"}
# What was out with shipments before the first of their goods that come back, apart from what is valued anew.
SHIPPED: Final = f"""
SELECT back.shipment_id, back.product, -sum(kept.quantity)::bigint, -sum(kept.value + kept.absorbed)::bigint
FROM {unnest(BACK, "back")}
JOIN finance_stockmovement kept ON kept.shipment_id = back.shipment_id AND kept.product_id = back.product
    AND kept.position < back.first AND NOT kept.is_void
WHERE NOT EXISTS (
    SELECT FROM {unnest(AFTER, "held")} WHERE held.product_id = kept.product_id
        AND held.site_id = kept.warehouse_site_id AND kept.position > held.after)
GROUP BY 1, 2
"""

WORTH: Final = {"id": "bigint", "value": "bigint", "absorbed": "bigint", "extra": "bigint"}
WRITE_WORTH: Final = f"""
UPDATE finance_stockmovement kept SET value = given.value, absorbed = given.absorbed, extra = given.extra,
    is_valued = true
FROM {unnest(WORTH)} WHERE kept.id = given.id
"""
KEPT: Final = {
    "stock_id": "bigint",
    "position": "bigint",
    "movements": "bigint",
    "quantity": "bigint",
    "value": "bigint",
    "rate_quantity": "bigint",
    "rate_value": "bigint",
    "layer_sources": "text",
    "layer_quantities": "text",
    "layer_values": "text",
    "layer_taken": "text",
}
WRITE_STATE: Final = f"""
UPDATE finance_stockvalue stock SET position = given.position, movements = given.movements,
    quantity = given.quantity, value = given.value, rate_quantity = given.rate_quantity,
    rate_value = given.rate_value, layer_sources = given.layer_sources::bigint[],
    layer_quantities = given.layer_quantities::bigint[], layer_values = given.layer_values::bigint[],
    layer_taken = given.layer_taken::bigint[],
    version = stock.version + 1
FROM {unnest(KEPT)} WHERE stock.id = given.stock_id
"""
FORGET: Final = f"""
DELETE FROM finance_stockcheckpoint kept USING {unnest(AFTER)}
WHERE kept.stock_id = given.stock_id AND kept.position > given.after
"""
KEEP: Final = f"""
INSERT INTO finance_stockcheckpoint (stock_id, {STATE})
SELECT stock_id, position, movements, quantity, value, rate_quantity, rate_value, layer_sources::bigint[],
    layer_quantities::bigint[], layer_values::bigint[], layer_taken::bigint[]
FROM {unnest(KEPT)}
"""
ENTRY: Final = {
    "stock_id": "bigint",
    "movement_id": "bigint",
    "quantity": "bigint",
    "value": "bigint",
    "method": "text",
    "effective_date": "date",
    "entry_id": "uuid",
}
WRITE_ENTRIES: Final = f"""
INSERT INTO finance_stockvalueentry ({", ".join(ENTRY)}, booked_at)
SELECT {", ".join(ENTRY)}, %(booked_at)s FROM {unnest(ENTRY)}
"""

COST: Final = {"purchase_order_line_id": "bigint", "amount": "bigint"}
# A source tells all it costs each time: what it does not name any more costs nothing. Older versions change nothing.
FORGET_COSTS: Final = """
UPDATE finance_stockcost SET amount = 0, version = %(version)s WHERE source = %(source)s AND version < %(version)s
"""
KEEP_COSTS: Final = f"""
INSERT INTO finance_stockcost AS kept (source, version, currency, purchase_order_line_id, amount)
SELECT %(source)s, %(version)s, %(currency)s, purchase_order_line_id, amount FROM {unnest(COST)}
WHERE NOT EXISTS (SELECT FROM finance_stockcost newer WHERE newer.source = %(source)s AND newer.version > %(version)s)
ON CONFLICT (source, purchase_order_line_id) DO UPDATE SET amount = excluded.amount
WHERE kept.version <= excluded.version
"""
