"""What a cycle declares for a short answer of its factory: who may withdraw how long, where else to buy, who pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from orders.policies.sharing import BASIS_POINTS, PRICE_STEP


@dataclass(frozen=True, slots=True)
class ShortageRule:
    """How long a dealer may withdraw what came short or dearer, and how long a second source's pool stays open.

    Without `second_source_hours` the rest waits for the next cycle of the same factory.
    """

    withdraw_hours: int = 48
    second_source_hours: int = 24

    def __post_init__(self) -> None:
        """Refuse times before the answer. :raises ValueError: for negative hours."""
        if min(self.withdraw_hours, self.second_source_hours) < 0:
            raise ValueError("a time to withdraw or to pool anew is not negative")

    @classmethod
    def of(cls, policy: Mapping[str, Any]) -> ShortageRule:
        """Read the rule of a cycle's policy; what an older one does not name is as declared by default."""
        return cls(**policy.get("shortage", {}))


def passed_price(
    unit_price: Decimal,
    *,
    solo_unit_price: Decimal,
    before: Decimal,
    after: Decimal,
    pooled_quantity: int,
    quantity: int,
    dealer_basis_points: int,
    ceiling: Decimal | None = None,
) -> Decimal:
    """Return a dealer's unit price once the pool's price went from `before` to `after`.

    The dealer gives back its part of the saving that was lost on `pooled_quantity`, or gets its part of what is saved
    besides. Promise: the price moves as the pool's does or stays, and does not rise above what the dealer would pay
    alone, nor above its `ceiling`, nor below nothing; the platform bears the rest. A saving is counted below the solo
    price only, as in `sharing.reprice`, and a price rounded up.
    """
    lost = min(after, solo_unit_price) - min(before, solo_unit_price)
    moved = unit_price + lost * dealer_basis_points * pooled_quantity / (BASIS_POINTS * quantity)
    rounded = moved.quantize(PRICE_STEP, rounding=ROUND_CEILING)
    if lost <= 0:
        return max(Decimal(0), min(unit_price, rounded))
    limits = [solo_unit_price] if ceiling is None else [solo_unit_price, ceiling]
    return max(unit_price, min(rounded, *limits))
