"""Numbers of documents that a dealer reads: a gapless series for each dealer, told apart by digits of its own."""

from __future__ import annotations

from typing import Final

COUNT_DIGITS: Final = 7
_ACCOUNTS: Final = 10**6
# Odd and no multiple of five, so that multiplying by it modulo a power of ten shuffles the numbers below.
_STRIDE: Final = 387_719


def value_of(party_id: int, count: int) -> int:
    """Return the number of a party's `count`-th document of a kind: digits for the party, then the count.

    Promise: different parties or counts give different numbers, and two numbers of one party tell how many documents
    lie between them of its own, and of nobody else. The party's digits are a shuffled key, whatever the volume.

    :raises ValueError: for a count below 1 or of more than seven digits.
    """
    if not 1 <= count < 10**COUNT_DIGITS:
        raise ValueError(f"{count} is no count of {COUNT_DIGITS} digits")
    account = party_id * _STRIDE % _ACCOUNTS if party_id < _ACCOUNTS else party_id
    return account * 10**COUNT_DIGITS + count
