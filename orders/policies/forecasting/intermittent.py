"""Demand with many empty buckets: Croston's method corrected, its form for fading demand, and aggregation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from orders.policies.forecasting.panel import TINY, Floats, Whole, mean_of_known, starts

SMOOTHING: Final = 0.1
ALPHAS: Final = np.array([0.05, 0.1, 0.2, 0.3, 0.45])
WIDEST: Final = 12


@dataclass(frozen=True)
class Flat:
    """A forecast that is the same for every bucket ahead: the mean as seen from each bucket."""

    rate: Floats

    def ahead(self, step: int) -> Floats:
        """Return the forecast `step` buckets after each bucket (rows x buckets)."""
        return self.rate


def croston(values: Floats) -> Flat:
    """Return the Syntetos-Boylan approximation.

    Syntetos and Boylan, "The accuracy of intermittent demand estimates" (IJF, 2005): size over interval, each smoothed
    at 0.1 where there is demand, times 1 - 0.05 for the bias of Croston's ratio.
    """
    size, interval, gap = _begin(values), np.ones(len(values)), np.zeros(len(values))
    seen = np.zeros(len(values), dtype=np.bool_)
    found = np.zeros(values.shape)
    for column in range(values.shape[1]):
        now = values[:, column]
        gap = gap + ~np.isnan(now)
        sold = np.nan_to_num(now) > 0
        keep = np.where(seen, 1 - SMOOTHING, 0.0)
        size = np.where(sold, keep * size + (1 - keep) * np.nan_to_num(now), size)
        interval = np.where(sold, keep * interval + (1 - keep) * gap, interval)
        gap, seen = np.where(sold, 0.0, gap), seen | sold
        found[:, column] = np.where(seen, (1 - SMOOTHING / 2) * size / np.maximum(interval, 1), 0.0)
    return Flat(found)


def fading(values: Floats) -> Flat:
    """Return the Teunter-Syntetos-Babai forecast, which falls while nothing is sold.

    Teunter, Syntetos and Babai, "Intermittent demand: linking forecasting to inventory obsolescence" (EJOR, 2011).
    """
    size = _begin(values)
    first = values[:, : max(1, values.shape[1] // 4)]
    chance = mean_of_known(np.where(np.isnan(first), np.nan, (np.nan_to_num(first) > 0).astype(np.float64)))
    found = np.zeros(values.shape)
    for column in range(values.shape[1]):
        now = values[:, column]
        known, sold = ~np.isnan(now), np.nan_to_num(now) > 0
        size = np.where(sold, size + SMOOTHING * (np.nan_to_num(now) - size), size)
        chance = np.where(known, chance + SMOOTHING * (sold - chance), chance)
        found[:, column] = size * chance
    return Flat(found)


def aggregated(values: Floats) -> Flat:
    """Return the mean of simple smoothing over sums of 1, 2, ... buckets, up to a row's mean interval.

    IMAPA: Petropoulos and Kourentzes, "Forecast combinations for intermittent demand" (JORS, 2015). From every bucket
    the sums are those that end there, so that each level is one recursion with a longer step.
    """
    number, sold = (~np.isnan(values)).sum(axis=1), (np.nan_to_num(values) > 0).sum(axis=1)
    highest = np.clip(np.rint(number / np.maximum(sold, 1)), 1, WIDEST).astype(int)
    # A bucket of which nothing is known is taken to have been like the others.
    filled = np.where(np.isnan(values), mean_of_known(values)[:, None], values)
    total, levels = np.zeros(values.shape), np.zeros(len(values))
    for many in range(1, min(int(highest.max(initial=1)), values.shape[1] // 2 or 1) + 1):
        rows = np.flatnonzero(highest >= many)
        total[rows] += _level(filled[rows], starts(values)[rows], many) / many
        levels[rows] += 1
    return Flat(total / np.maximum(levels, 1)[:, None])


def _level(filled: Floats, begin: Whole, many: int) -> Floats:
    """Return simple smoothing of sums of `many` buckets after each bucket, the alpha of each row by least squares."""
    rows, width = filled.shape
    sums = np.cumsum(filled, axis=1)
    sums[:, many:] -= sums[:, :-many].copy()
    # Before there are `many` buckets their sum is what so many would come to.
    sums[:, :many] *= many / np.arange(1, many + 1)[None, :]
    found = np.empty((len(ALPHAS), rows, width))
    error = np.zeros((len(ALPHAS), rows))
    alpha = ALPHAS[:, None]
    for column in range(width):
        if column < many:
            found[:, :, column] = sums[None, :, column]
            continue
        before = found[:, :, column - many]
        miss = sums[None, :, column] - before
        found[:, :, column] = before + alpha * miss
        error += np.where(column - many >= begin[None, :], miss * miss, 0.0)
    best = error.argmin(axis=0)
    return np.asarray(found[best, np.arange(rows)], dtype=np.float64)


def _begin(values: Floats) -> Floats:
    """Return the mean size of what was sold in a row's first demands."""
    sizes = np.where(np.nan_to_num(values) > 0, values, np.nan)
    return np.asarray(np.maximum(mean_of_known(sizes), TINY), dtype=np.float64)
