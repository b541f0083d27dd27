"""Write a sharing: the run with its inputs, a result per peg, and the pegs and order lines as they then stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from b2b.db.bulk import execute, staged, transpose, unnest
from orders.models import AllocationRun, PurchaseOrder
from orders.policies import sharing_run
from orders.policies.rounding import NANO
from orders.policies.sharing_run import Outcome
from orders.policies.shortage import ShortageRule
from orders.services import fairness, quantity
from orders.services.allocation_inputs import Gathered, PegRow

_COLUMNS: Final = {
    "peg_id": "bigint",
    "line_id": "bigint",
    "dealer_id": "bigint",
    "requested": "bigint",
    "numerator": "numeric",
    "denominator": "numeric",
    "allocated": "bigint",
    "pooled_change": "bigint",
    "allocated_change": "bigint",
    "rank": "integer",
    "tier": "smallint",
    "owed_before": "bigint",
    "owed_after": "bigint",
    "is_forgone": "boolean",
}
_MOVED: Final = ("pooled", "allocated")
_NANOTH: Final = f"{1 / Decimal(NANO):f}"
# The dealer may withdraw what is left in time.
_RELEASE: Final = f"""
    , withdrawable_until = CASE WHEN {quantity.left(_MOVED)} > 0
        THEN (SELECT midstream_now() + make_interval(hours => {{hours}})) ELSE line.withdrawable_until END
"""


def write(
    order: PurchaseOrder,
    gathered: Gathered,
    outcomes: Sequence[Outcome],
    *,
    first: set[int],
    at: datetime,
) -> AllocationRun:
    """Keep a run and its outcomes and move pegs, order lines and balances; a constant number of statements."""
    inputs = gathered.inputs
    packed, input_hash = sharing_run.pack(inputs)
    run = AllocationRun.objects.create(
        purchase_order=order,
        response_version=inputs.version,
        policy=inputs.policy,
        policy_hash=inputs.policy_hash,
        seed=inputs.seed,
        inputs=packed,
        input_hash=input_hash,
        result_hash=sharing_run.result_hash(outcomes),
        created_at=at,
    )
    with staged(_COLUMNS, _rows(gathered, outcomes, first), name="shares", analyzed=False) as table:
        execute(f"ANALYZE {table} (peg_id, line_id)")
        _results(run, table)
        execute(
            f"UPDATE orders_peg peg SET allocated = given.allocated FROM {table} given"
            " WHERE peg.id = given.peg_id AND given.allocated_change <> 0"
        )
        quantity.advance_from(
            f"""
            SELECT line_id, dealer_id, sum(pooled_change)::bigint AS pooled, sum(allocated_change)::bigint AS allocated
            FROM {table} WHERE pooled_change <> 0 OR allocated_change <> 0
            GROUP BY line_id, dealer_id ORDER BY line_id
            """,
            _MOVED,
            source=f"allocation:{run.pk}",
            at=at,
            stays=True,
            setting=_RELEASE.format(hours=ShortageRule.of(order.cycle.policy).withdraw_hours),
        )
    _surplus(gathered, outcomes)
    fairness.write(run, sharing_run.changes(outcomes), replaced=gathered.carried, at=at)
    return run


def _rows(gathered: Gathered, outcomes: Sequence[Outcome], first: set[int]) -> Iterator[str]:
    for peg, one in zip(gathered.pegs, outcomes, strict=True):
        pooled = peg.pegged if peg.purchase_line_id in first else peg.allocated
        _, _, _, requested, numerator, denominator, given, rank, tier, before, after, is_forgone = one
        yield (
            f"{peg.id}\t{peg.line_id}\t{peg.dealer_id}\t{requested}\t{numerator}\t{denominator}\t{given}\t"
            f"{given - pooled}\t{given - peg.allocated}\t{rank}\t{tier}\t{before}\t{after}\t{is_forgone}\n"
        )


def _results(run: AllocationRun, table: str) -> None:
    execute(
        f"""
        INSERT INTO orders_allocationresult (run_id, peg_id, dealer_id, requested, entitlement_numerator,
            entitlement_denominator, rounded, rank, tier, carry_in, carry_out, is_forgone)
        SELECT %s, peg_id, dealer_id, requested, numerator, denominator, allocated, rank, tier,
            owed_before * {_NANOTH}, owed_after * {_NANOTH}, is_forgone
        FROM {table} ORDER BY peg_id
        """,
        [run.pk],
    )


def _surplus(gathered: Gathered, outcomes: Sequence[Outcome]) -> None:
    """Give surplus pegs what the dealers leave."""
    if not gathered.surplus:
        return
    left: dict[int, int] = {row.purchase_line_id: row.confirmed for row in gathered.surplus}
    for peg, one in zip(gathered.pegs, outcomes, strict=True):
        if peg.purchase_line_id in left:
            left[peg.purchase_line_id] -= one.quantity
    columns = {"peg_id": "bigint", "allocated": "bigint"}
    execute(
        f"UPDATE orders_peg peg SET allocated = given.allocated FROM {unnest(columns)} WHERE peg.id = given.peg_id",
        transpose(list(columns), [(row.id, given) for row, given in _spare(gathered.surplus, left)]),
    )


def _spare(surplus: Sequence[PegRow], left: dict[int, int]) -> Iterator[tuple[PegRow, int]]:
    """Yield what each surplus peg gets; of several on a purchase line the earlier is filled first."""
    for row in surplus:
        given = min(row.pegged, max(row.received, left[row.purchase_line_id]))
        left[row.purchase_line_id] -= given
        yield row, given
