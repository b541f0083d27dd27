"""How far goods secure what is owed on them; amounts are minor units, rates shares of the value."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction


def may_release(owed: int, worth_left: int, advance_rate: Decimal) -> bool:
    """Tell whether what is left still secures what is owed: at most `advance_rate` of its worth.

    Promise: when nothing is owed everything may go; what may go with less left may go with more left.
    """
    return owed <= worth_left * Fraction(advance_rate)


def is_called(owed: int, worth: int, margin_call_rate: Decimal | None) -> bool:
    """Tell whether more security is to be asked for: what is owed is above its share of the worth."""
    return margin_call_rate is not None and owed > worth * Fraction(margin_call_rate)


def share_out(there: int, pledged: Sequence[int]) -> list[int]:
    """Return how many of the units that are there secure each pledge of the same goods, the older pledge first.

    Promise: no unit secures two pledges, none more than it was pledged, and nobody gets any while an older one lacks.
    """
    shares = []
    for units in pledged:
        shares.append(min(units, max(there, 0)))
        there -= shares[-1]
    return shares
