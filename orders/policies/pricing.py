"""Which price of a break table holds for a quantity."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, order=True)
class Break:
    """The price of one base unit from `min_quantity` base units upwards."""

    min_quantity: int
    unit_price: Decimal


def choose(breaks: Sequence[Break], quantity: int) -> Break | None:
    """Return the break that holds for `quantity`; None below the first. `breaks` ascend by quantity."""
    index = bisect_right(breaks, quantity, key=lambda step: step.min_quantity)
    return breaks[index - 1] if index else None


def following(breaks: Sequence[Break], quantity: int) -> Break | None:
    """Return the next break above `quantity` that is cheaper than the one that holds, if there is one."""
    held = choose(breaks, quantity)
    for step in breaks:
        if step.min_quantity > quantity and (held is None or step.unit_price < held.unit_price):
            return step
    return None
