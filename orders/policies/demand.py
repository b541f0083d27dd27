"""Orders replace forecast: what is left of an outlook once real demand has come in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Quantities = NDArray[np.int64]


def consume(gross: Sequence[int], orders: Sequence[int], *, back: int, forward: int) -> list[int]:
    """Return the forecast left in each bucket after orders consumed it.

    An order takes from its own bucket first, then from earlier ones (nearest first, at most `back`), then from later
    ones (at most `forward`). Promise: no bucket is negative, and none grows. Method: forecast consumption as in
    MRP II (Vollmann, Manufacturing Planning and Control, chapter on master scheduling).
    """
    left = list(gross)
    for bucket, wanted in enumerate(orders):
        ordered = wanted
        for index in _reach(bucket, back, forward, len(left)):
            taken = min(left[index], ordered)
            left[index] -= taken
            ordered -= taken
    return left


def consume_all(gross: Quantities, orders: Quantities, *, back: int, forward: int) -> Quantities:
    """Return what `consume` returns for each row (rows x buckets): all products at once, one bucket after the other."""
    left, width = gross.copy(), gross.shape[1]
    for bucket in range(width):
        ordered = orders[:, bucket].copy()
        for index in _reach(bucket, back, forward, width):
            taken = np.minimum(left[:, index], ordered)
            left[:, index] -= taken
            ordered -= taken
    return left


def _reach(bucket: int, back: int, forward: int, width: int) -> list[int]:
    """Return the buckets that orders of one take from: their own, earlier ones (nearest first), later ones."""
    reach = [bucket, *range(bucket - 1, bucket - back - 1, -1), *range(bucket + 1, bucket + forward + 1)]
    return [index for index in reach if 0 <= index < width]


def outlook(weekly: Sequence[int], *, supply: int) -> int:
    """Return what to signal for next week: the rounded-up mean of recent weekly demand less supply already there."""
    mean = -(-sum(weekly) // len(weekly)) if weekly else 0
    return max(0, mean - supply)


def monday_of(day: date) -> date:
    """Return the Monday of the week `day` lies in."""
    return day - timedelta(days=day.weekday())
