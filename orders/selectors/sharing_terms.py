"""By which declared policy goods on hand are shared, and what it must know about the order lines that want them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from b2b.db.bulk import fetch
from orders.models.cycle import default_policy

USAGE_DAYS: Final = 365
# The last cycle that bought for a line; for what was never bought the last one that opened for its factory or category.
_TERMS: Final = """
SELECT line.id, line.dealer_id, line.product_id, line.pack_units, line.all_or_nothing,
    coalesce(bought.id, pooled.id), coalesce(bought.policy, pooled.policy) ->> 'fair_share',
    coalesce(bought.policy_hash, pooled.policy_hash, ''), coalesce(bought.cutoff_at, pooled.cutoff_at)
FROM orders_orderline line JOIN catalog_product product ON product.id = line.product_id
LEFT JOIN LATERAL (
    SELECT cycle.* FROM orders_peg peg
    JOIN orders_purchaseorderline bought ON bought.id = peg.purchase_order_line_id
    JOIN orders_purchaseorder document ON document.id = bought.purchase_order_id
    JOIN orders_ordercycle cycle ON cycle.id = document.cycle_id
    WHERE peg.order_line_id = line.id ORDER BY cycle.cutoff_at DESC, cycle.id LIMIT 1) bought ON true
LEFT JOIN LATERAL (
    SELECT cycle.* FROM orders_ordercycle cycle
    WHERE bought.id IS NULL AND cycle.status <> 'DRAFT' AND cycle.opens_at <= %(at)s
    AND (cycle.factory_id = line.factory_id OR cycle.category <> '' AND cycle.category = product.category)
    ORDER BY cycle.cutoff_at DESC, cycle.id LIMIT 1) pooled ON true
WHERE line.id = ANY(%(lines)s::bigint[])
"""
_USAGE: Final = """
    SELECT line.dealer_id, line.product_id, greatest(sum(event.quantity), 0)::bigint
    FROM orders_quantityevent event JOIN orders_orderline line ON line.id = event.line_id
    WHERE event.kind = 'delivered' AND event.at > %s AND event.at <= %s AND line.product_id = ANY(%s)
    GROUP BY 1, 2
"""
_TIERS: Final = """
    SELECT DISTINCT ON (dealer_id) dealer_id, tier FROM orders_prioritytier
    WHERE created_at <= %s AND dealer_id = ANY(%s) ORDER BY dealer_id, created_at DESC
"""


class LineTerms(NamedTuple):
    """An order line, and the policy of the cycle it belongs to; `pack` in base units. No cycle: the default policy."""

    line_id: int
    dealer_id: int
    product_id: int
    pack: int
    all_or_nothing: bool
    cycle_id: object
    policy: str
    policy_hash: str
    cutoff_at: datetime | None


def of_lines(line_ids: Collection[int], *, at: datetime) -> dict[int, LineTerms]:
    """Return order line -> its terms; lines that are not known are missing. One query."""
    found = {}
    for line_id, *rest in fetch(_TERMS, {"lines": list(line_ids), "at": at}):
        terms = LineTerms(line_id, *rest)
        found[line_id] = terms._replace(policy=terms.policy or default_policy()["fair_share"])
    return found


def usage(product_ids: Iterable[int], *, until: datetime) -> dict[tuple[int, int], int]:
    """Return (dealer, product) -> base units delivered in the year before a moment. One query."""
    found = fetch(_USAGE, [until - timedelta(days=USAGE_DAYS), until, list(set(product_ids))])
    return {(dealer_id, product_id): delivered for dealer_id, product_id, delivered in found}


def tiers(dealer_ids: Iterable[int], *, at: datetime) -> dict[int, int]:
    """Return the priority tiers in force at a moment; a dealer without one is missing. One query."""
    return dict(fetch(_TIERS, [at, list(set(dealer_ids))]))
