"""Compare the buckets of orders with the events they are sums of; reads only."""

from __future__ import annotations

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch, fetch_value
from b2b.db.reconcilers import Difference, Outcome, reconciler
from b2b.db.transactions import unit_of_work
from orders.selectors import invariants

_COMPARISONS = (
    ("order line", "the bucket is not the sum of its quantity events", invariants.LINE_BUCKETS_DIFFER),
    ("purchase line", "the bucket is not the sum of its events", invariants.SUPPLY_BUCKETS_DIFFER),
    ("pegs", "the pegs do not sum to the purchase line", invariants.PEGS_DIFFER),
    ("trace", "the order line disagrees with its pegs", invariants.LINE_PEGS_DIFFER),
)


@reconciler("orders")
@unit_of_work()
def compare_orders() -> Outcome:
    """Compare every order line and purchase line with its events and pegs."""
    with acting_as(system("reconcile")):
        compared = int(
            fetch_value(
                "SELECT (SELECT count(*) FROM orders_orderline) + (SELECT count(*) FROM orders_purchaseorderline)"
            )
        )
        found = [(kind, reason, fetch(statement)) for kind, reason, statement in _COMPARISONS]
    differences = tuple(
        Difference(
            kind=kind,
            reference=f"{document_id} line {line_number} {bucket}",
            expected=str(expected),
            found=str(actual),
            reason=reason,
        )
        for kind, reason, rows in found
        for document_id, line_number, bucket, expected, actual in rows
    )
    return Outcome(compared=compared, differences=differences)
