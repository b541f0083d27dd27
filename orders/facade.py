"""What orders answers to others: the Sharing port of warehousing. Bound in b2b/wiring.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orders.models.cycle import default_policy
from orders.policies import rounding
from orders.policies.fair_share import Claim


def share_scarce(quantity: int, claims: Sequence[Any]) -> list[int]:
    """Share stock that is short by the policy declared for cycles that name none of their own.

    Claims have a `dealer_id`, what is `requested` in base units and a `rank`; the parts come in their order.
    """
    asked = [Claim(requested=claim.requested, rank=claim.rank) for claim in claims]
    return [part.quantity for part in rounding.share(quantity, asked, default_policy()["fair_share"])]
