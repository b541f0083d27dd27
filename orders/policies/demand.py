"""Orders replace forecast: what is left of an outlook once real demand has come in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta


def consumption(
    gross: Sequence[int], lines: Sequence[tuple[int, int]], *, back: int, forward: int
) -> list[tuple[int, int | None, int]]:
    """Return which forecast each order line takes: (index of the line, bucket, quantity), None for what is beyond it.

    Lines are (bucket, quantity), earliest first. A line takes from its own bucket first, then from earlier ones
    (nearest first, at most `back`), then from later ones (at most `forward`). Promise: the parts of a line sum to it,
    and no bucket gives more than its forecast. Method: forecast consumption as in MRP II (Vollmann, Manufacturing
    Planning and Control, chapter on master scheduling).
    """
    left, found = list(gross), list[tuple[int, int | None, int]]()
    for number, (bucket, wanted) in enumerate(lines):
        ordered = wanted
        for index in _reach(bucket, back, forward, len(left)):
            if not ordered:
                break
            if taken := min(left[index], ordered):
                found.append((number, index, taken))
                left[index] -= taken
                ordered -= taken
        if ordered:
            found.append((number, None, ordered))
    return found


def _reach(bucket: int, back: int, forward: int, width: int) -> list[int]:
    """Return the buckets that orders of one take from: their own, earlier ones (nearest first), later ones."""
    reach = [bucket, *range(bucket - 1, bucket - back - 1, -1), *range(bucket + 1, bucket + forward + 1)]
    return [index for index in reach if 0 <= index < width]


def outlook(weekly: Sequence[int], *, supply: int) -> int:
    """Return what to signal for next week: the rounded-up mean of recent weekly demand less supply already there."""
    mean = -(-sum(weekly) // len(weekly)) if weekly else 0
    return max(0, mean - supply)


def after(monday: date) -> date:
    """Return the Monday after."""
    return monday + timedelta(weeks=1)


def monday_of(day: date) -> date:
    """Return the Monday of the week `day` lies in."""
    return day - timedelta(days=day.weekday())
