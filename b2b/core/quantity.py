"""Whole numbers of a base unit: packs, ratios and exact shares, with one rounding point."""

from __future__ import annotations

from collections.abc import Sequence


def round_up_to_multiple(quantity: int, multiple: int) -> int:
    """Return the smallest multiple of `multiple` that is at least `quantity`.

    :raises ValueError: when the multiple is not positive or the quantity is negative.
    """
    if multiple < 1 or quantity < 0:
        raise ValueError(f"quantity {quantity} must be >= 0 and multiple {multiple} >= 1")
    return -(-quantity // multiple) * multiple


def to_base_units(quantity: int, units_per_pack: int) -> int:
    """Convert a number of packs into base units; the ratio is an integer, so nothing is rounded."""
    if units_per_pack < 1:
        raise ValueError("a pack holds at least one base unit")
    return quantity * units_per_pack


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` whole units by `weights`; the parts sum to `total` and none is a unit off its share.

    Method: largest remainder (Hamilton); equal remainders go to the earlier part.

    :raises ValueError: when a weight or the total is negative, or the weights sum to zero while total > 0.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("total and weights must not be negative")
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("weights sum to zero: nothing to split by")
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in by_remainder[:left]:
        parts[index] += 1
    return parts
