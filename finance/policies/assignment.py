"""Give each of many lines one of its candidates, so that all together fit best and none is given twice."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

L = TypeVar("L", bound=Hashable)
C = TypeVar("C", bound=Hashable)


def assign(scores: Mapping[L, Mapping[C, int]]) -> dict[L, C]:
    """Return the assignment with as many lines as can be had and, among these, the greatest sum of scores.

    The scores are sparse: only the candidates that a line may have. Equal sums are decided by the order given. Method:
    successive best augmenting paths (Bellman and Ford's relaxation), as the networks here are small and sparse.
    """
    given: dict[L, C] = {}
    taken: dict[C, L] = {}
    for line in scores:
        path = _augmenting(line, scores, given, taken)
        for member, candidate in path:
            given[member], taken[candidate] = candidate, member
    return given


def _augmenting(
    start: L, scores: Mapping[L, Mapping[C, int]], given: Mapping[L, C], taken: Mapping[C, L]
) -> list[tuple[L, C]]:
    """Return who gets what anew when one more line joins; empty when nothing is left for it."""
    gain: dict[L, int] = {start: 0}
    came: dict[C, tuple[L, int]] = {}
    queue = [start]
    while queue:
        line = queue.pop(0)
        for candidate, score in scores[line].items():
            if given.get(line) == candidate:
                continue
            total = gain[line] + score
            if candidate in came and came[candidate][1] >= total:
                continue
            came[candidate] = (line, total)
            holder = taken.get(candidate)
            if holder is not None and holder != start:
                without = total - scores[holder][candidate]
                if without > gain.get(holder, without - 1):
                    gain[holder] = without
                    queue.append(holder)
    free = [(total, candidate) for candidate, (_, total) in came.items() if candidate not in taken]
    if not free:
        return []
    best = max(total for total, _ in free)
    step: C | None = next(candidate for total, candidate in free if total == best)
    path: list[tuple[L, C]] = []
    while step is not None:
        line = came[step][0]
        path.append((line, step))
        step = given.get(line)
    return path
