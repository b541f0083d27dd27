"""What foreign keys would say of tables that are filled by the hundred thousand, and where lines wait (ADR 7)."""

from __future__ import annotations

from typing import Final

# Table -> what it names: (parent, key, the column both have).
_NAMED: Final = (
    ("orders_allocationresult", "orders_peg", "peg_id", "dealer_id"),
    ("orders_costshare", "orders_peg", "peg_id", "dealer_id"),
    ("orders_costshare", "orders_orderline", "order_line_id", "dealer_id"),
    ("orders_scheduleline", "orders_purchaseorderline", "purchase_order_line_id", "factory_id"),
    ("orders_supplyevent", "orders_purchaseorderline", "purchase_order_line_id", "factory_id"),
    ("orders_orderresponseline", "orders_purchaseorderline", "purchase_order_line_id", "factory_id"),
    ("orders_orderresponseline", "orders_orderresponse", "response_id", "factory_id"),
    ("orders_savingsstatementline", "orders_savingsstatement", "statement_id", "dealer_id"),
)
ORPHANS: Final = " UNION ALL ".join(
    f"""
    SELECT '{table}' AS of_table, child.id FROM {table} child
    WHERE child.{key} IS NOT NULL AND NOT EXISTS (SELECT FROM {parent} parent
        WHERE parent.id = child.{key} AND parent.{shared} IS NOT DISTINCT FROM child.{shared})
    """
    for table, parent, key, shared in _NAMED
)
# The next cycle looks for its lines among its own, those of none, and the leftovers of those before it.
FORGOTTEN: Final = """
    SELECT parent.number, line.line_number, cycle.number AS cycle, cycle.status
    FROM orders_orderline line
    JOIN orders_order parent ON parent.id = line.order_id AND parent.status = 'CONFIRMED'
    JOIN orders_ordercycle cycle ON cycle.id = line.cycle_id AND cycle.status NOT IN ('DRAFT', 'OPEN', 'BOXFILL')
    WHERE line.factory_id IS NOT NULL AND line.requested > line.cancelled + line.covered + line.pooled
        AND NOT EXISTS (SELECT FROM orders_leftover rest WHERE rest.factory_id = line.factory_id
            AND rest.product_id = line.product_id AND rest.cycle_id = line.cycle_id)
"""
