"""Gather all that decides a sharing: pegs, supply, past usage, tiers, what rounding owes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from b2b.db.bulk import execute, fetch
from orders.models import OrderCycle, PurchaseOrder
from orders.policies.policy_seal import check
from orders.policies.sharing_run import Inputs, Peg, Supply, seed_of
from orders.selectors import sharing_terms
from orders.services import fairness

_LOCK: Final = """
    SELECT count(*) FROM (
        SELECT line.id FROM orders_orderline line WHERE line.id IN (
            SELECT peg.order_line_id FROM orders_peg peg WHERE peg.purchase_order_line_id = ANY(%s))
        ORDER BY line.id FOR NO KEY UPDATE) held
"""
_PEGS: Final = """
    SELECT peg.id, purchase.id, purchase.line_number, line.id, peg.dealer_id,
        purchase.product_id, product.category,
        purchase.confirmed, peg.pegged, peg.allocated, peg.received, line.pack_units, line.all_or_nothing,
        line.requested - line.cancelled - line.covered - line.pooled
    FROM orders_peg peg
    JOIN orders_purchaseorderline purchase ON purchase.id = peg.purchase_order_line_id
    JOIN orders_scheduleline schedule ON schedule.id = peg.schedule_line_id
    JOIN catalog_product product ON product.id = purchase.product_id
    LEFT JOIN orders_orderline line ON line.id = peg.order_line_id
    LEFT JOIN orders_order parent ON parent.id = line.order_id
    WHERE purchase.id = ANY(%s)
    ORDER BY purchase.line_number, coalesce(parent.priority_at, parent.confirmed_at), line.id,
        schedule.schedule_number, peg.id
"""


class PegRow(NamedTuple):
    """A peg as it lies in the database; without `line_id` it is a surplus. Quantities in base units."""

    id: int
    purchase_line_id: int
    line_number: int
    line_id: int | None
    dealer_id: int | None
    product_id: int
    category: str
    confirmed: int
    pegged: int
    allocated: int
    received: int
    pack: int
    all_or_nothing: bool
    unpooled: int

    def wanted(self) -> int:
        """Return what the peg of a line that was answered before may get: no more than the line still lacks."""
        return self.allocated + min(self.pegged - self.allocated, max(self.unpooled, 0))


@dataclass(frozen=True, slots=True)
class Gathered:
    """The pegs of dealers and the surplus pegs of purchase lines, and the inputs made of them.

    `carried` is what the last sharing of these lines changed in what rounding owes; this one replaces it.
    """

    pegs: list[PegRow]
    surplus: list[PegRow]
    inputs: Inputs
    carried: dict[tuple[int, str], int]


def gather(order: PurchaseOrder, *, lines: Collection[int], first: Collection[int]) -> Gathered:
    """Return what the sharing of purchase lines depends on, and lock the order lines it depends on.

    Of a purchase line that is answered for the first time all pegs are shared, whatever their order lines want by now.
    Usage is of the year before the cut-off, and a tier counts when it was declared before it. At most six statements.

    :raises PolicyChanged: when the policy is not the one that was sealed at the freeze.
    """
    policy = order.cycle.policy["fair_share"]
    check(order.cycle.policy, order.cycle.policy_hash)
    if again := set(lines) - set(first):
        execute(_LOCK, [list(again)])
    rows = [PegRow._make(row) for row in fetch(_PEGS, [list(lines)])]
    pegs = [row for row in rows if row.line_id is not None]
    surplus = [row for row in rows if row.line_id is None]
    weights = _usage(order.cycle, rows) if policy == "usage" else {}
    tiers = _tiers(order.cycle, rows) if policy in ("priority", "all_or_nothing") else {}
    taken: dict[int, int] = defaultdict(int)
    for row in surplus:
        taken[row.purchase_line_id] += row.received
    carried = fairness.carried(again)
    inputs = Inputs(
        document=str(order.pk),
        version=order.response_version,
        policy=policy,
        policy_hash=order.cycle.policy_hash,
        seed=draw_seed(order),
        supplies=[
            _supply(list(members), taken, first, weights, tiers)
            for _, members in groupby(pegs, key=lambda row: row.purchase_line_id)
        ],
        owed=fairness.owed({row.dealer_id for row in pegs}, {row.category for row in pegs}, carried),
    )
    return Gathered(pegs, surplus, inputs, carried)


def draw_seed(order: PurchaseOrder) -> int:
    """Return the seed of ties of a purchase order: the same for each of its runs."""
    return seed_of(str(order.pk), order.cycle.policy_hash)


def _supply(
    rows: list[PegRow],
    taken: dict[int, int],
    first: Collection[int],
    weights: dict[tuple[int, int], int],
    tiers: dict[int, int],
) -> Supply:
    line = rows[0]
    is_first = line.purchase_line_id in first
    last = max(tiers.values(), default=0) + 1
    pegs = []
    for rank, row in enumerate(rows, start=1):
        dealer_id = row.dealer_id or 0
        weight = weights.get((dealer_id, row.product_id), 0) if weights else 0
        tier = tiers.get(dealer_id, last) if tiers else last
        wanted = row.pegged if is_first else row.wanted()
        pegs.append(
            Peg(row.id, dealer_id, wanted, weight, tier, rank, row.pack, row.received, row.all_or_nothing)
        )
    quantity = max(0, line.confirmed - taken.get(line.purchase_line_id, 0))
    return Supply(line.purchase_line_id, line.line_number, line.category, quantity, pegs)


def _usage(cycle: OrderCycle, rows: Iterable[PegRow]) -> dict[tuple[int, int], int]:
    """Return what each dealer had delivered of each product in the year before the cut-off."""
    return sharing_terms.usage((row.product_id for row in rows), until=cycle.cutoff_at)


def _tiers(cycle: OrderCycle, rows: Iterable[PegRow]) -> dict[int, int]:
    """Return the tiers in force at the cut-off; a dealer without one comes last."""
    dealers = (row.dealer_id for row in rows if row.dealer_id is not None)
    return sharing_terms.tiers(dealers, at=cycle.cutoff_at)
