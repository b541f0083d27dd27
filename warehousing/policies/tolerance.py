"""How much more than advised may be taken in."""

from __future__ import annotations


def most(expected: int, percent: int) -> int:
    """Return the largest acceptable count: `expected` and `percent` more, rounded down."""
    return expected + expected * percent // 100
