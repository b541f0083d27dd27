"""What orders answers to others: the Sharing port of warehousing. Bound in b2b/wiring.py."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from b2b.core import clock
from orders.services import scarce_stock


def sharing_of(order_line_ids: Collection[int]) -> Callable[[int, Sequence[Any]], list[int]]:
    """Return how stock that is short is shared among order lines: by the policy their cycle or category declares.

    Claims have an `order_line_id`, a `dealer_id`, what is `requested` in base units and a `rank`; the parts come in
    their order. Lines that orders does not know are shared by the policy of cycles that name none of their own.
    """
    return scarce_stock.rules_for(order_line_ids, at=clock.now())
