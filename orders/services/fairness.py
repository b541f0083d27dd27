"""The fairness ledger: what rounding owes each dealer in a product group, entry by entry."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from b2b.db.bulk import execute, fetch, transpose, unnest
from orders.models import AllocationRun
from orders.policies.rounding import NANO

_CARRIED: Final = """
    SELECT dealer_id, category, (sum(change) * %s)::bigint FROM (
        SELECT DISTINCT ON (result.peg_id) result.dealer_id, product.category,
            result.carry_out - result.carry_in AS change
        FROM orders_allocationresult result
        JOIN orders_allocationrun run ON run.id = result.run_id
        JOIN orders_peg peg ON peg.id = result.peg_id
        JOIN orders_purchaseorderline line ON line.id = peg.purchase_order_line_id
        JOIN catalog_product product ON product.id = line.product_id
        WHERE peg.purchase_order_line_id = ANY(%s)
        ORDER BY result.peg_id, run.response_version DESC) last
    GROUP BY 1, 2 HAVING sum(change) <> 0
"""
_BALANCES: Final = """
    SELECT dealer_id, category, (balance * %s)::bigint FROM orders_fairnessbalance
    WHERE dealer_id = ANY(%s) AND category = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""
_COLUMNS: Final = {"dealer_id": "bigint", "category": "text", "quantity": "numeric"}

Debts = dict[tuple[int, str], int]


def carried(lines: Collection[int]) -> Debts:
    """Return by how much the last sharing of purchase lines changed what rounding owes, in billionths."""
    if not lines:
        return {}
    return _by_place(fetch(_CARRIED, [NANO, list(lines)]))


def owed(dealers: Collection[Any], groups: Collection[str], carried: Mapping[tuple[int, str], int]) -> Debts:
    """Return what rounding owes dealers by product group, in billionths, as if `carried` had never been.

    Locks the balances.
    """
    found = _by_place(fetch(_BALANCES, [NANO, list(dealers), list(groups)]))
    for place, change in carried.items():
        found[place] = found.get(place, 0) - change
    return {place: quantity for place, quantity in found.items() if quantity}


def write(
    run: AllocationRun, changes: Mapping[tuple[int, str], int], *, replaced: Debts, at: datetime
) -> None:
    """Enter by how much a run changes what rounding owes, less what it replaces; in billionths. One statement."""
    entries = dict(changes)
    for place, change in replaced.items():
        entries[place] = entries.get(place, 0) - change
    rows = [(dealer, group, f"{change}e-9") for (dealer, group), change in sorted(entries.items()) if change]
    execute(
        f"""
        WITH entered AS (
            INSERT INTO orders_fairnessentry (run_id, dealer_id, category, quantity, at)
            SELECT %(run)s, dealer_id, category, quantity, %(at)s FROM {unnest(_COLUMNS)}
            RETURNING dealer_id, category, quantity)
        INSERT INTO orders_fairnessbalance AS held (dealer_id, category, balance, updated_at)
        SELECT dealer_id, category, quantity, %(at)s FROM entered
        ON CONFLICT (dealer_id, category)
        DO UPDATE SET balance = held.balance + excluded.balance, updated_at = excluded.updated_at
        """,
        {**transpose(list(_COLUMNS), rows), "run": run.pk, "at": at},
    )


def _by_place(rows: list[tuple[Any, ...]]) -> Debts:
    return {(dealer_id, group): quantity for dealer_id, group, quantity in rows}
