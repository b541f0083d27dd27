"""What must always hold between deliveries, returns, claims and shared costs."""

from __future__ import annotations

from typing import Final

RETURNS_DIFFER: Final = """
    SELECT line.order_id AS document_id, line.line_number, coalesce(back.received, 0) AS expected,
        coalesce(moved.quantity, 0) AS found
    FROM orders_orderline line
    LEFT JOIN (SELECT order_line_id, sum(received) AS received FROM orders_returnline GROUP BY 1) back
        ON back.order_line_id = line.id
    LEFT JOIN (SELECT line_id, -sum(quantity) AS quantity FROM orders_quantityevent
               WHERE kind = 'delivered' AND source LIKE 'return:%' GROUP BY 1) moved ON moved.line_id = line.id
    WHERE coalesce(back.received, 0) <> coalesce(moved.quantity, 0)
"""
BILLED_TOO_LONG: Final = """
    SELECT line.order_id AS document_id, line.line_number, line.invoiced,
        line.delivered + coalesce(back.uncredited, 0) AS most
    FROM orders_orderline line
    LEFT JOIN (SELECT order_line_id, sum(received - credited) AS uncredited FROM orders_returnline GROUP BY 1) back
        ON back.order_line_id = line.id
    WHERE line.invoiced > line.delivered + coalesce(back.uncredited, 0)
"""
PEGS_OVERDRAWN: Final = """
    SELECT peg.id, peg.received, sum(back.received) AS returned
    FROM orders_peg peg JOIN orders_returnline back ON back.peg_id = peg.id
    GROUP BY peg.id HAVING sum(back.received) > peg.received
"""
CLAIMS_DIFFER: Final = """
    SELECT claim.number, claim.claimed_amount, lines.claimed, claim.accepted_amount, lines.accepted
    FROM orders_claim claim
    JOIN (SELECT claim_id, sum(claimed_amount) AS claimed, coalesce(sum(accepted_amount), 0) AS accepted
          FROM orders_claimline GROUP BY 1) lines ON lines.claim_id = claim.id
    WHERE (claim.claimed_amount, claim.accepted_amount) <> (lines.claimed, lines.accepted)
"""
CLAIM_SHARES_DIFFER: Final = """
    SELECT line.claim_id, line.line_number, line.claimed_amount, shares.claimed, line.accepted_amount, shares.accepted
    FROM orders_claimline line
    LEFT JOIN (SELECT line_id, sum(quantity) AS quantity, sum(claimed_amount) AS claimed,
                   sum(accepted_amount) AS accepted
               FROM orders_claimshare GROUP BY 1) shares ON shares.line_id = line.id
    WHERE (line.claimed_quantity, line.claimed_amount, coalesce(line.accepted_amount, 0))
        IS DISTINCT FROM (shares.quantity, shares.claimed, shares.accepted)
"""
COSTS_DIFFER: Final = """
    SELECT voucher.number, voucher.amount, voucher.shared_amount, sum(share.amount) AS shared
    FROM orders_costvoucher voucher LEFT JOIN orders_costshare share ON share.voucher_id = voucher.id
    GROUP BY voucher.id HAVING voucher.shared_amount <> coalesce(sum(share.amount), 0)
        OR voucher.shared_amount <> CASE WHEN voucher.status IN ('SHARED', 'CLOSED') THEN voucher.amount ELSE 0 END
"""
COSTS_UNSTATED: Final = """
    SELECT share.voucher_number, share.dealer_id, share.product_id, share.amount
    FROM orders_costshare share
    JOIN orders_savingsstatement statement
        ON statement.cycle_id = share.cycle_id AND statement.dealer_id = share.dealer_id
    LEFT JOIN orders_savingsstatementline line
        ON line.statement_id = statement.id AND line.product_id = share.product_id
    WHERE line.id IS NULL
"""

# Name, promise, the rows that break it.
STATED: Final = (
    ("orders.returns", "What came back of an order line is what its returns received", RETURNS_DIFFER),
    ("orders.billed", "Only what was delivered, or came back uncredited, is invoiced", BILLED_TOO_LONG),
    ("orders.returned_pegs", "No more comes back through a peg than it received", PEGS_OVERDRAWN),
    ("orders.claims", "The lines of a claim sum to it, claimed and accepted", CLAIMS_DIFFER),
    ("orders.claim_shares", "The dealers' parts of a claim line sum to it", CLAIM_SHARES_DIFFER),
    ("orders.costs", "The shares of a cost voucher sum to it", COSTS_DIFFER),
    ("orders.charges", "A cost of a cycle is on a line of its dealer's savings statement", COSTS_UNSTATED),
)
