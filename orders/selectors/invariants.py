"""What must always hold between orders, purchase orders and their pegs."""

from __future__ import annotations

from typing import Final

from b2b.db.invariants import invariant
from orders.models import BUCKETS, SupplyEvent
from orders.selectors import aftersales_invariants, blanket, bulk_invariants

_LINE_SUMS: Final = ", ".join(
    f"coalesce(sum(event.quantity) FILTER (WHERE event.kind = '{bucket}'), 0) AS {bucket}"
    for bucket in BUCKETS
)
_BEGUN: Final = {"requested": "line.first_requested + "}  # ADR 14
_SUPPLY: Final = tuple(SupplyEvent.Kind.values)
_SUPPLY_SUMS: Final = ", ".join(
    f"coalesce(sum(event.quantity) FILTER (WHERE event.kind = '{bucket}'), 0) AS {bucket}"
    for bucket in _SUPPLY
)


def _differ(buckets: tuple[str, ...]) -> str:
    """Return one row per bucket that is not the sum of its events: what it is, what it should be."""
    return ", ".join(
        f"('{bucket}', line.{bucket}, {_BEGUN.get(bucket, '')}sums.{bucket})" for bucket in buckets
    )


LINE_BUCKETS_DIFFER: Final = f"""
    SELECT line.order_id AS document_id, line.line_number, pair.bucket, pair.expected, pair.found
    FROM orders_orderline line
    JOIN (SELECT one.id, {_LINE_SUMS} FROM orders_orderline one
          LEFT JOIN orders_quantityevent event ON event.line_id = one.id GROUP BY one.id) sums ON sums.id = line.id
    CROSS JOIN LATERAL (VALUES {_differ(BUCKETS)}) pair (bucket, found, expected)
    WHERE pair.found <> pair.expected
"""
SUPPLY_BUCKETS_DIFFER: Final = f"""
    SELECT line.purchase_order_id AS document_id, line.line_number, pair.bucket, pair.expected, pair.found
    FROM orders_purchaseorderline line
    JOIN (SELECT one.id, {_SUPPLY_SUMS} FROM orders_purchaseorderline one
          LEFT JOIN orders_supplyevent event ON event.purchase_order_line_id = one.id GROUP BY one.id) sums
        ON sums.id = line.id
    CROSS JOIN LATERAL (VALUES {_differ(_SUPPLY)}) pair (bucket, found, expected)
    WHERE pair.found <> pair.expected
"""
PEGS_DIFFER: Final = """
    SELECT line.purchase_order_id AS document_id, line.line_number, 'pegs' AS bucket, line.quantity AS expected,
        coalesce(sum(peg.pegged), 0) AS found
    FROM orders_purchaseorderline line LEFT JOIN orders_peg peg ON peg.purchase_order_line_id = line.id
    GROUP BY line.id HAVING line.quantity <> coalesce(sum(peg.pegged), 0)
        OR coalesce(sum(peg.allocated), 0) > line.quantity
"""
SURPLUS_DIFFERS: Final = """
    SELECT line.purchase_order_id AS document_id, line.line_number, 'surplus' AS bucket,
        line.surplus_quantity AS found, coalesce(sum(peg.pegged), 0) AS expected
    FROM orders_purchaseorderline line
    LEFT JOIN orders_peg peg ON peg.purchase_order_line_id = line.id AND peg.order_line_id IS NULL
    GROUP BY line.id HAVING line.surplus_quantity <> coalesce(sum(peg.pegged), 0)
"""
LINE_PEGS_DIFFER: Final = """
    SELECT line.order_id AS document_id, line.line_number, pair.bucket, pair.expected, pair.found
    FROM orders_orderline line
    JOIN (SELECT peg.order_line_id, sum(peg.allocated) AS allocated, sum(peg.received) AS received,
            sum(CASE WHEN supply.response_version = 0 THEN peg.pegged ELSE peg.allocated END) AS pooled
          FROM orders_peg peg JOIN orders_purchaseorderline supply ON supply.id = peg.purchase_order_line_id
          GROUP BY peg.order_line_id) sums ON sums.order_line_id = line.id
    CROSS JOIN LATERAL (VALUES ('pooled', line.pooled, sums.pooled), ('allocated', line.allocated, sums.allocated),
        ('received', line.received, sums.received)) pair (bucket, found, expected)
    WHERE pair.found <> pair.expected
"""
SCHEDULES_DIFFER: Final = """
    SELECT line.purchase_order_id AS document_id, line.line_number, sums.bucket, sums.expected, sums.found
    FROM orders_purchaseorderline line
    CROSS JOIN LATERAL (
        SELECT 'schedules' AS bucket, line.quantity AS expected, coalesce(sum(part.quantity), 0) AS found
        FROM orders_scheduleline part WHERE part.purchase_order_line_id = line.id
        UNION ALL
        SELECT 'pegs of a schedule', sum(part.quantity), pegged.found
        FROM orders_scheduleline part CROSS JOIN LATERAL (
            SELECT coalesce(sum(peg.pegged), 0) AS found FROM orders_peg peg
            WHERE peg.schedule_line_id = coalesce(part.split_of_id, part.id)) pegged
        WHERE part.purchase_order_line_id = line.id
        GROUP BY coalesce(part.split_of_id, part.id), pegged.found) sums
    WHERE sums.expected <> sums.found
"""
STATEMENTS_DIFFER: Final = """
    SELECT statement.number, statement.baseline, sum(line.baseline) AS lines
    FROM orders_savingsstatement statement JOIN orders_savingsstatementline line ON line.statement_id = statement.id
    GROUP BY statement.id
    HAVING (statement.baseline, statement.pooled, statement.dealer_share, statement.platform_share,
            statement.factory_share)
        IS DISTINCT FROM (sum(line.baseline), sum(line.pooled), sum(line.dealer_share), sum(line.platform_share),
            sum(line.factory_share))
        OR statement.baseline - statement.pooled
            <> statement.dealer_share + statement.platform_share + statement.factory_share
"""
TOTALS_DIFFER: Final = """
    SELECT parent.number, parent.total_net, sum(line.net_amount) AS lines
    FROM orders_order parent JOIN orders_orderline line ON line.order_id = parent.id
    GROUP BY parent.id
    HAVING parent.total_net <> sum(line.net_amount) OR parent.total_tax <> sum(line.tax_amount)
"""
ORPHANS: Final = """
    SELECT 'orders_orderline' AS of_table, line.id FROM orders_orderline line
    LEFT JOIN orders_order parent ON parent.id = line.order_id AND parent.dealer_id = line.dealer_id
    LEFT JOIN catalog_product product ON product.id = line.product_id
    LEFT JOIN directory_site site ON site.id = line.ship_to_site_id
    LEFT JOIN directory_organization factory ON factory.id = line.factory_id
    LEFT JOIN orders_ordercycle cycle ON cycle.id = line.cycle_id
    WHERE parent.id IS NULL OR product.id IS NULL OR site.id IS NULL
        OR (line.factory_id IS NOT NULL AND factory.id IS NULL) OR (line.cycle_id IS NOT NULL AND cycle.id IS NULL)
    UNION ALL
    SELECT 'orders_quantityevent', event.id FROM orders_quantityevent event
    LEFT JOIN orders_orderline line ON line.id = event.line_id AND line.dealer_id = event.dealer_id
    WHERE line.id IS NULL
    UNION ALL
    SELECT 'orders_peg', peg.id FROM orders_peg peg
    LEFT JOIN orders_scheduleline schedule
        ON schedule.id = peg.schedule_line_id AND schedule.purchase_order_line_id = peg.purchase_order_line_id
    LEFT JOIN orders_orderline line ON line.id = peg.order_line_id AND line.dealer_id = peg.dealer_id
    WHERE schedule.id IS NULL OR (peg.order_line_id IS NOT NULL AND line.id IS NULL)
"""

BALANCES_DIFFER: Final = """
    SELECT balance.dealer_id, balance.category, balance.balance AS found, coalesce(sum(entry.quantity), 0) AS expected
    FROM orders_fairnessbalance balance
    LEFT JOIN orders_fairnessentry entry USING (dealer_id, category)
    GROUP BY balance.id HAVING balance.balance <> coalesce(sum(entry.quantity), 0)
"""
DEBTS_DIFFER: Final = """
    SELECT entry.run_id, entry.category, sum(entry.quantity) AS found FROM orders_fairnessentry entry
    GROUP BY 1, 2 HAVING sum(entry.quantity) <> 0
"""
# It would win as the nearest and leave its buyer without a price.
AGREEMENTS_WITHOUT_PRICES: Final = """
    SELECT agreement.id AS agreement_id, agreement.product_id, agreement.audience FROM orders_priceagreement agreement
    WHERE NOT EXISTS (SELECT FROM orders_pricebreak step WHERE step.agreement_id = agreement.id)
"""

invariant(
    "orders.parents",
    "A line is of an order, an event and a peg of a line, of the same dealer; what a line names is there",
    ORPHANS,
)
invariant("orders.lines", "A bucket of an order line is the sum of its quantity events", LINE_BUCKETS_DIFFER)
invariant("orders.supply", "A bucket of a purchase line is the sum of its events", SUPPLY_BUCKETS_DIFFER)
invariant("orders.pegs", "A purchase line is the sum of its pegs, surplus included", PEGS_DIFFER)
invariant(
    "orders.surplus", "What nobody ordered of a purchase line is pegged to a named owner", SURPLUS_DIFFERS
)
invariant(
    "orders.traces", "What an order line has pooled, allotted and received is on its pegs", LINE_PEGS_DIFFER
)
invariant(
    "orders.schedules",
    "Schedule lines sum to their purchase line and are the sum of their pegs",
    SCHEDULES_DIFFER,
)
invariant("orders.savings", "The shares of a statement sum to its saving and to its lines", STATEMENTS_DIFFER)
invariant("orders.totals", "An order's totals are the sums of its lines", TOTALS_DIFFER)
invariant("orders.fairness", "A fairness balance is the sum of its entries", BALANCES_DIFFER)
invariant("orders.debts", "What rounding owes one dealer in a run, it owes from another", DEBTS_DIFFER)
invariant("orders.blankets", "No blanket order is called off beyond its tolerance", blanket.BEYOND_BLANKET)
invariant("orders.prices", "A price agreement has a price", AGREEMENTS_WITHOUT_PRICES)
invariant(
    "orders.named",
    "What a row of a bulk table names is there, and of the same party",
    bulk_invariants.ORPHANS,
)
invariant(
    "orders.waiting",
    "A line that waits is of a cycle before its cut-off, of none, or a leftover",
    bulk_invariants.FORGOTTEN,
)
for stated in aftersales_invariants.STATED:
    invariant(*stated)
