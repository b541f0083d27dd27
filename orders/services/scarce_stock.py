"""Share goods on hand that are promised to more than they suffice for, by the policy of the cycle they belong to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from orders.models.cycle import default_policy
from orders.policies import rounding
from orders.policies.fair_share import Claim
from orders.policies.sharing_run import seed_of
from orders.selectors import sharing_terms
from orders.selectors.sharing_terms import LineTerms

Share = Callable[[int, Sequence[Any]], list[int]]
BY_TIER = ("priority", "all_or_nothing")


def rules_for(line_ids: Collection[int], *, at: datetime) -> Share:
    """Return how goods are shared among these order lines; at most three queries, however often it is asked after that.

    What is returned takes a quantity in base units and claims (`order_line_id`, `dealer_id`, `requested`, `rank`), and
    gives the parts in their order. The policy is that of the latest cycle that bought for one of the lines, or would
    have: past usage and tiers are those at its cut-off, packs those of the lines.
    """
    terms = sharing_terms.of_lines(line_ids, at=at)
    asking = {one.policy for one in terms.values()}
    moment = max((one.cutoff_at for one in terms.values() if one.cutoff_at), default=at)
    weights = (
        sharing_terms.usage((one.product_id for one in terms.values()), until=moment)
        if "usage" in asking
        else {}
    )
    tiers = (
        sharing_terms.tiers((one.dealer_id for one in terms.values()), at=moment)
        if asking & {*BY_TIER}
        else {}
    )

    def share(quantity: int, claims: Sequence[Any]) -> list[int]:
        known = [terms[claim.order_line_id] for claim in claims if claim.order_line_id in terms]
        rule = max(known, key=_latest, default=None)
        policy = rule.policy if rule else str(default_policy()["fair_share"])
        last = max(tiers.values(), default=0) + 1
        asked = [_claim(claim, terms.get(claim.order_line_id), weights, tiers, last) for claim in claims]
        seed = seed_of(f"stock:{rule.product_id}", rule.policy_hash) if rule else 0
        return [part.quantity for part in rounding.share(quantity, asked, policy, seed=seed)]

    return share


def _latest(terms: LineTerms) -> tuple[bool, Any, str]:
    return terms.cutoff_at is not None, terms.cutoff_at, str(terms.cycle_id)


def _claim(
    claim: Any,
    terms: LineTerms | None,
    weights: dict[tuple[int, int], int],
    tiers: dict[int, int],
    last: int,
) -> Claim:
    if terms is None:
        return Claim(requested=claim.requested, rank=claim.rank)
    return Claim(
        requested=claim.requested,
        weight=weights.get((terms.dealer_id, terms.product_id), 0),
        tier=tiers.get(terms.dealer_id, last) if tiers else last,
        rank=claim.rank,
        pack=terms.pack,
        all_or_nothing=terms.all_or_nothing,
    )
