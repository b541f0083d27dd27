"""Which method forecasts a series: its kind of demand, and what a method would have missed."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, Protocol

import numpy as np

from orders.policies.forecasting.panel import TINY, Flags, Floats, Whole, mean_of_known, phases

INTERVAL_LIMIT: Final = 1.32
VARIATION_LIMIT: Final = 0.49
# Another method has to miss so much less before it replaces the one that is known to do well on the whole.
MARGIN: Final = 0.9
FADED: Final = 3.0


class Kind(IntEnum):
    """Syntetos, Boylan and Croston, "On the categorization of demand patterns" (JORS, 2005)."""

    SMOOTH = 0
    ERRATIC = 1
    INTERMITTENT = 2
    LUMPY = 3
    NEW = 4


class Method(IntEnum):
    """How a series is forecast."""

    COMBINATION = 0
    SIMPLE = 1
    IMAPA = 2
    SBA = 3
    TSB = 4
    CATEGORY = 5


class Fitted(Protocol):
    """What every method returns."""

    def ahead(self, step: int) -> Floats:
        """Return the forecast `step` buckets after each bucket (rows x buckets)."""
        ...


def classify(values: Floats, least: int) -> Whole:
    """Return the kind of each row by mean interval and squared variation of its demands; NEW below `least` buckets."""
    known = (~np.isnan(values)).sum(axis=1)
    sizes = np.where(np.nan_to_num(values) > 0, values, np.nan)
    sold = (~np.isnan(sizes)).sum(axis=1)
    mean = mean_of_known(sizes)
    variation = mean_of_known((sizes - mean[:, None]) ** 2) / np.maximum(mean, TINY) ** 2
    seldom = known / np.maximum(sold, 1) >= INTERVAL_LIMIT
    kind = 2 * seldom + (variation >= VARIATION_LIMIT)
    return np.asarray(np.where(known < least, Kind.NEW, kind), dtype=np.int64)


def has_faded(values: Floats) -> Flags:
    """Say in which rows nothing was sold for three times as long as usual."""
    known = ~np.isnan(values)
    sold = np.nan_to_num(values) > 0
    interval = known.sum(axis=1) / np.maximum(sold.sum(axis=1), 1)
    after = np.cumsum(sold[:, ::-1], axis=1)[:, ::-1] == 0
    return np.asarray((after & known).sum(axis=1) > np.maximum(FADED * interval, 4), dtype=np.bool_)


def windows(values: Floats, lead: int) -> Floats:
    """Return what came in the `lead` buckets after each bucket; NaN where that is not known as a whole."""
    found = np.full(values.shape, np.nan)
    width = values.shape[1]
    if lead < width:
        total = np.zeros((len(values), width - lead))
        for step in range(1, lead + 1):
            total += values[:, step : width - lead + step]
        found[:, : width - lead] = total
    return found


def cumulated(fitted: Fitted, factors: Floats, lead: int, width: int) -> Floats:
    """Return what a method expected of the `lead` buckets after each bucket (rows x buckets)."""
    period = factors.shape[1]
    phase = phases(width, period)
    total = np.zeros((len(factors), width))
    for step in range(1, lead + 1):
        total += np.maximum(fitted.ahead(step), 0.0) * factors[:, (phase + step) % period]
    return total


def choose(errors: Floats, default: Whole) -> Whole:
    """Return the method of each row by its errors over the lead time (methods x rows), NaN where it is no candidate.

    The default stays unless another misses a tenth less. Never by MASE or the mean error of one bucket: for seldom
    demand the best of these forecasts nothing at all.
    """
    rows = np.arange(errors.shape[1])
    known = np.where(np.isnan(errors), np.inf, errors)
    best = known.argmin(axis=0)
    return np.asarray(
        np.where(known[best, rows] < MARGIN * known[default, rows], best, default), dtype=np.int64
    )
