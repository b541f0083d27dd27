"""A panel of series: rows end together, and what is not known is NaN."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]

TINY: Final = 1e-12


def stacked(series: Sequence[Iterable[float]]) -> Floats:
    """Return series of any length as one panel that ends with the last value of each."""
    rows = [np.asarray(list(one), dtype=np.float64) for one in series]
    panel = np.full((len(rows), max((len(row) for row in rows), default=0)), np.nan)
    for index, row in enumerate(rows):
        panel[index, panel.shape[1] - len(row) :] = row
    return panel


def starts(values: Floats) -> Whole:
    """Return the column of the first known value of each row; the width where there is none."""
    known = ~np.isnan(values)
    first = np.where(known.any(axis=1), known.argmax(axis=1), values.shape[1])
    return np.asarray(first, dtype=np.int64)


def rows_starting(start: Whole) -> dict[int, Whole]:
    """Return which rows begin in which column."""
    return {int(column): np.flatnonzero(start == column) for column in np.unique(start)}


def mean_of_known(values: Floats, axis: int = 1) -> Floats:
    """Return means of what is known; 0 where nothing is."""
    known = ~np.isnan(values)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.asarray(total / np.maximum(known.sum(axis=axis), 1), dtype=np.float64)


def lines(values: Floats) -> tuple[Floats, Floats]:
    """Return intercept and slope of the straight line through each row; a row's first known value has time 1."""
    known = ~np.isnan(values)
    times = np.where(known, np.arange(values.shape[1])[None, :] - starts(values)[:, None] + 1.0, 0.0)
    number = np.maximum(known.sum(axis=1), 1)
    middle, level = times.sum(axis=1) / number, mean_of_known(values)
    away = np.where(known, times - middle[:, None], 0.0)
    slope = (away * np.where(known, values, 0.0)).sum(axis=1) / np.maximum((away * away).sum(axis=1), TINY)
    return level - slope * middle, slope


def phases(width: int, period: int) -> Whole:
    """Return the season of each column; season 0 is the bucket after the last column."""
    return (np.arange(width) - width) % period
