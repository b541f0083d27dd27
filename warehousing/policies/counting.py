"""What becomes of a count: booked, counted again, or shown to a second pair of eyes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Verdict(StrEnum):
    """What is done with a count."""

    BOOK = "book"
    RECOUNT = "recount"
    HOLD = "hold"


def verdict(
    variance: int, *, expected: int, earlier: Sequence[int], tolerance_percent: int, approval_units: int
) -> Verdict:
    """Judge a variance (counted less expected, base units) after the earlier ones of the same line.

    Promise: no variance, nothing to do. Above tolerance somebody counts again without being told the books, until
    two counts in a row find the same. Whatever is believed is held for approval above `approval_units`.
    """
    if variance == 0:
        return Verdict.BOOK
    is_small = abs(variance) * 100 <= tolerance_percent * expected
    agrees = bool(earlier) and earlier[-1] == variance
    if not is_small and not agrees:
        return Verdict.RECOUNT
    return Verdict.BOOK if abs(variance) <= approval_units else Verdict.HOLD


def adjustment(variance: int, *, before: int, approval_units: int) -> Verdict:
    """Judge an adjustment (base units) that follows others of the same person, `before` units in all, up or down.

    Promise: what one person changes alone never comes to more than `approval_units`, in however many steps.
    """
    if variance == 0 or abs(variance) + before <= approval_units:
        return Verdict.BOOK
    return Verdict.HOLD
