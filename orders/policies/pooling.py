"""How much to buy for many small needs: minimum, multiple and price break are chosen on the sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from b2b.core.quantity import round_up_to_multiple
from orders.policies.pricing import Break, choose


@dataclass(frozen=True, slots=True)
class Purchase:
    """What to buy: base units, of which `surplus` nobody asked for, at a price before tax."""

    quantity: int
    surplus: int
    unit_price: Decimal


def admits(quantity: int, *, minimum: int, multiple: int) -> bool:
    """Tell whether a quantity keeps to a minimum and a multiple: 48 by 24 admits 48, 72, 96, not 50."""
    return quantity >= minimum and quantity % multiple == 0


def smallest(quantity: int, *, minimum: int, multiple: int) -> int:
    """Return the least admitted quantity that is at least `quantity`; nothing is wanted of nothing."""
    return round_up_to_multiple(max(quantity, minimum), multiple) if quantity else 0


def plan(need: int, *, minimum: int, multiple: int, breaks: Sequence[Break]) -> Purchase | None:
    """Return the purchase that covers `need` at the lowest total cost, surplus included.

    Promise: quantity is admitted, at least `need`, and no admitted quantity costs less in total; of equal costs the
    smaller quantity wins. None when nothing is needed or no break has a price for any admitted quantity.
    `breaks` ascend by quantity.

    :raises ValueError: when `need` is negative or `multiple` not positive.
    """
    if need < 0:
        raise ValueError("a need is not negative")
    if need == 0:
        return None
    least = smallest(need, minimum=minimum, multiple=multiple)
    # Within one price the smallest quantity is cheapest, so only the least of each price can win.
    candidates = {least} | {
        round_up_to_multiple(step.min_quantity, multiple) for step in breaks if step.min_quantity > least
    }
    priced = [
        Purchase(quantity, quantity - need, held.unit_price)
        for quantity in candidates
        if (held := choose(breaks, quantity)) is not None
    ]
    return min(priced, key=lambda buy: (buy.quantity * buy.unit_price, buy.quantity), default=None)


def packs(quantity: int, tolerance: int, *, pack: int) -> int:
    """Return how many full packs to buy for a firm quantity that may grow by up to `tolerance`.

    A started pack is bought when the tolerance fills it (the box-fill rule of food co-ops).
    """
    full, rest = divmod(quantity, pack)
    return full + (1 if rest and rest + tolerance >= pack else 0)
