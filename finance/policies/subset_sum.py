"""Which few of many amounts come to a sum exactly: up to four, by sums of pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

LARGEST_SET: Final = 4
ITEMS: Final = 120  # pairs grow with the square; beyond, coincidences say nothing anyway


def solutions(
    amounts: Sequence[int], target: int, *, sizes: Sequence[int] = (1, 2, 3, 4), stop: int = 2
) -> list[tuple[int, ...]]:
    """Return at most `stop` sets of indices whose amounts sum to the target, smaller sets first.

    Two are enough to know that a sum explains nothing by itself. Method: meet in the middle over pair sums
    (Horowitz and Sahni, 1974); the work grows with the square of the amounts.

    :raises ValueError: for more amounts than `ITEMS`, or sets larger than four.
    """
    if len(amounts) > ITEMS or max(sizes) > LARGEST_SET:
        raise ValueError("too many amounts to search")
    usable = [index for index, amount in enumerate(amounts) if 0 < amount <= target]
    searches = {1: _singles, 2: _pairs, 3: _triples, 4: _quads}
    found: list[tuple[int, ...]] = []
    for size in sorted(sizes):
        found += islice(searches[size](amounts, usable, target), stop - len(found))
        if len(found) == stop:
            break
    return found


def _singles(amounts: Sequence[int], usable: Sequence[int], target: int) -> Iterator[tuple[int, ...]]:
    return ((index,) for index in usable if amounts[index] == target)


def _pairs(amounts: Sequence[int], usable: Sequence[int], target: int) -> Iterator[tuple[int, ...]]:
    seen: dict[int, list[int]] = defaultdict(list)
    for index in usable:
        for earlier in seen[target - amounts[index]]:
            yield (earlier, index)
        seen[amounts[index]].append(index)


def _triples(amounts: Sequence[int], usable: Sequence[int], target: int) -> Iterator[tuple[int, ...]]:
    for place, first in enumerate(usable):
        for pair in _pairs(amounts, usable[place + 1 :], target - amounts[first]):
            yield (first, *pair)


def _quads(amounts: Sequence[int], usable: Sequence[int], target: int) -> Iterator[tuple[int, ...]]:
    lower: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for third in range(len(usable)):
        # Pairs that end before the third are known by now, so that each set is met once, in order.
        for fourth in range(third + 1, len(usable)):
            rest = target - amounts[usable[third]] - amounts[usable[fourth]]
            for first, second in lower.get(rest, ()):
                yield (first, second, usable[third], usable[fourth])
        for first in usable[:third]:
            lower[amounts[first] + amounts[usable[third]]].append((first, usable[third]))
