"""Which purchase lines of one product goods belong to that name the product alone."""

from __future__ import annotations

from collections.abc import Sequence


def fill(quantity: int, left: Sequence[int]) -> list[int]:
    """Return the part of a quantity that each window of its product takes, the first filled first; in base units.

    `left` is what each window still waits for. Promise: the parts sum to the quantity, and none but the last is more
    than what is left of its window.
    """
    parts: list[int] = []
    for units in left[:-1]:
        parts.append(min(max(units, 0), quantity - sum(parts)))
    return [*parts, quantity - sum(parts)]
