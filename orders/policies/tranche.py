"""Buy a quantity by agreements first, each at its own price for what is left of it, and the rest by the price table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import Final

from orders.policies.pricing import Break, choose

# Finer than any price, so that what many units cost at their mean is right to the cent.
MEAN_STEP: Final = Decimal("1e-12")


@dataclass(frozen=True, slots=True)
class Part:
    """So many base units at a price before tax: what is left of an agreement, or a part of a purchase."""

    quantity: int
    unit_price: Decimal


def cheapest(quantity: int, agreed: Sequence[Part], breaks: Sequence[Break]) -> tuple[Part, ...] | None:
    """Return the parts in which `quantity` units cost least: agreements, cheapest first, then the table for the rest.

    Promise: the parts sum to the quantity, no agreement gives more than it has, the rest is priced by the break that
    holds for the rest alone, and no other division costs less; of equal costs the one that takes most of agreements.
    None when no division has a price. Units of one price are one part. `breaks` ascend by quantity.
    Method: within a break the cost is convex in what agreements give, so it is least where an agreement ends or a break
    begins or ends; these are all tried.

    :raises ValueError: for a negative quantity.
    """
    if quantity < 0:
        raise ValueError("a quantity is not negative")
    offers = sorted(agreed, key=lambda part: part.unit_price)
    most = min(quantity, sum(part.quantity for part in offers))
    ends = set(accumulate((part.quantity for part in offers), initial=0))
    edges = {quantity - step.min_quantity + shift for step in breaks for shift in (0, 1)}
    divided = [
        parts
        for taken in sorted({most, *(one for one in ends | edges if 0 <= one < most)}, reverse=True)
        if (parts := _divided(quantity, taken, offers, breaks)) is not None
    ]
    return min(divided, key=cost, default=None)


def _divided(
    quantity: int, taken: int, offers: Sequence[Part], breaks: Sequence[Break]
) -> tuple[Part, ...] | None:
    found: list[Part] = []
    left = taken
    for offer in offers:
        part = min(left, offer.quantity)
        left -= part
        if part:
            found.append(Part(part, offer.unit_price))
    if rest := quantity - taken:
        held = choose(breaks, rest)
        if held is None:
            return None
        found.append(Part(rest, held.unit_price))
    by_price: dict[Decimal, int] = {}
    for one in found:
        by_price[one.unit_price] = by_price.get(one.unit_price, 0) + one.quantity
    return tuple(Part(units, price) for price, units in by_price.items())


def cost(parts: Sequence[Part]) -> Decimal:
    """Return what the parts come to before tax, unrounded."""
    return sum((part.quantity * part.unit_price for part in parts), Decimal(0))


def mean_price(parts: Sequence[Part]) -> Decimal:
    """Return the price of a unit of all parts together: of one part its own, else to twelve decimals."""
    if len(parts) == 1:
        return parts[0].unit_price
    return (cost(parts) / sum(part.quantity for part in parts)).quantize(MEAN_STEP)


def left_of(agreed: Sequence[Part], parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return what a purchase leaves of agreements; a part takes of the agreements of its price."""
    taken: dict[Decimal, int] = {}
    for part in parts:
        taken[part.unit_price] = taken.get(part.unit_price, 0) + part.quantity
    left = []
    for offer in agreed:
        used = min(offer.quantity, taken.get(offer.unit_price, 0))
        taken[offer.unit_price] = taken.get(offer.unit_price, 0) - used
        if used < offer.quantity:
            left.append(Part(offer.quantity - used, offer.unit_price))
    return tuple(left)


def spread(quantities: Sequence[int], parts: Sequence[int]) -> list[list[int]]:
    """Return for each part what every need gets of it, as evenly as whole units allow: all needs have the same mix.

    Promise: each part's row sums to the part, each need's column to the need, nothing is negative, and of the first
    part no need has a unit more or less than its share. Method: cumulative rounding, part by part.

    :raises ValueError: unless the parts sum to the quantities.
    """
    if sum(quantities) != sum(parts):
        raise ValueError(f"{sum(parts)} units are not divided over {sum(quantities)}")
    rows = []
    left = list(quantities)
    for part in parts:
        whole = sum(left)
        marks = [part * upto // whole if whole else 0 for upto in accumulate(left, initial=0)]
        row = [high - low for low, high in pairwise(marks)]
        left = [need - given for need, given in zip(left, row, strict=True)]
        rows.append(row)
    return rows


def last_of(need: int, parts: Sequence[int]) -> list[int]:
    """Return what the last of all needs gets of each part: the end of each row of `spread`."""
    return [row[-1] for row in spread([sum(parts) - need, need], parts)]
