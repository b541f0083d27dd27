"""Whether a series has a season, and which."""

from __future__ import annotations

from typing import Final

import numpy as np

from orders.policies.forecasting.panel import TINY, Flags, Floats, Whole, lines, mean_of_known, phases, starts

# Indices are shrunk, which forgives a season that is none: one standard error is asked for, not two.
CONFIDENCE: Final = 1.0
LEAST_CYCLES: Final = 3
REPEATED: Final = 0.5


def is_seasonal(values: Floats, period: int) -> Flags:
    """Say which rows repeat after `period` buckets: the autocorrelation of what a straight line leaves.

    Bartlett's limit, as in the M competitions' Theta benchmark (Assimakopoulos and Nikolopoulos, 2000).
    """
    width = values.shape[1]
    number = (~np.isnan(values)).sum(axis=1)
    if period < 2 or width <= period:
        return np.zeros(len(values), dtype=np.bool_)
    rest = _without_line(values)
    power = np.maximum((rest * rest).sum(axis=1), TINY)
    lagged = np.stack(
        [(rest[:, lag:] * rest[:, : width - lag]).sum(axis=1) / power for lag in range(1, period + 1)], axis=1
    )
    limit = CONFIDENCE * np.sqrt((1 + 2 * (lagged[:, :-1] ** 2).sum(axis=1)) / np.maximum(number, 1))
    return np.asarray((lagged[:, -1] > limit) & (number >= LEAST_CYCLES * period), dtype=np.bool_)


def repeats(values: Floats, period: int) -> bool:
    """Say whether one row's last cycles look like those before: half of what they vary by is the same again.

    For sums of many products over as few as two cycles, where the test of `is_seasonal` has no power.
    """
    rest = _without_line(values)
    before, after = rest[:, :-period], rest[:, period:]
    power = np.sqrt((before * before).sum() * (after * after).sum())
    return bool((before * after).sum() > REPEATED * max(float(power), TINY))


def _without_line(values: Floats) -> Floats:
    intercept, slope = lines(values)
    times = np.arange(values.shape[1])[None, :] - starts(values)[:, None] + 1.0
    return np.where(np.isnan(values), 0.0, values - intercept[:, None] - slope[:, None] * times)


def moving_average(values: Floats, period: int) -> Floats:
    """Return the centred average over one period; NaN at both ends and beside what is unknown."""
    weights = np.full(period + 1 - period % 2, 1.0 / period)
    if period % 2 == 0:
        weights[0] = weights[-1] = 0.5 / period
    half, width = len(weights) // 2, values.shape[1]
    found = np.full(values.shape, np.nan)
    total = np.zeros((len(values), width - 2 * half))
    for offset, weight in enumerate(weights):
        total += weight * values[:, offset : width - 2 * half + offset]
    found[:, half : width - half] = total
    return found


def indices(values: Floats, period: int) -> Floats:
    """Return the factor of each season (rows x period, mean 1) of positive rows, shrunk towards no season.

    Classical decomposition; James-Stein shrinkage as in Miller and Williams, "Shrinkage estimators of time series
    seasonal factors and their effect on forecasting accuracy" (IJF, 2003).
    """
    ratio = values / moving_average(values, period)
    pad = (-values.shape[1]) % period
    cycles = np.concatenate([np.full((len(values), pad), np.nan), ratio], axis=1)
    cycles = cycles.reshape(len(values), -1, period)
    known = ~np.isnan(cycles)
    number = known.sum(axis=1)
    raw = np.where(number > 0, mean_of_known(cycles, axis=1), 1.0)
    spread = (np.where(known, cycles - raw[:, None, :], 0.0) ** 2).sum(axis=(1, 2))
    freedom = np.maximum((number - 1).clip(0).sum(axis=1), 1)
    noise = spread / freedom / np.maximum(number.mean(axis=1), 1)
    raw = raw / np.maximum(raw.mean(axis=1, keepdims=True), TINY)
    signal = np.maximum(((raw - 1) ** 2).sum(axis=1), TINY)
    shrink = np.clip((period - 3) * noise / signal, 0.0, 1.0)[:, None]
    found = np.maximum(shrink + (1 - shrink) * raw, 0.01)
    return np.asarray(found / found.mean(axis=1, keepdims=True), dtype=np.float64)


def own(values: Floats, period: int) -> Floats:
    """Return the factors of rows that have a season of their own and are always positive; 1 elsewhere."""
    found = np.ones((len(values), period))
    lowest = np.where(np.isnan(values), np.inf, values).min(axis=1, initial=np.inf)
    rows = is_seasonal(values, period) & (lowest > 0)
    if rows.any():
        found[rows] = indices(values[rows], period)
    return found


def of_category(values: Floats, categories: Whole | None, period: int, have: Flags) -> Floats:
    """Return the factors that rows without a season of their own borrow from what their category sells together.

    A row borrows when the category repeats (two cycles are enough for a sum) and its factors explain the row: what
    the row is to its mean is nearer to them than to 1.
    """
    found = np.ones((len(values), period))
    if categories is None or period < 2 or values.shape[1] < 2 * period:
        return found
    phase = phases(values.shape[1], period)
    known = ~np.isnan(values)
    level = np.maximum(mean_of_known(values), TINY)
    for category in np.unique(categories):
        members = categories == category
        # A product that did not exist yet would bend the sum: what is unknown counts as the product's mean.
        filled = np.where(known[members], values[members], level[members, None])
        together = filled.sum(axis=0, keepdims=True)
        if together.min() <= 0 or not repeats(together, period):
            continue
        factors = indices(together, period)[0]
        relative = np.where(known[members], values[members] / level[members, None], 1.0)
        plain = ((relative - 1) ** 2).sum(axis=1)
        explained = ((relative - np.where(known[members], factors[phase], 1.0)) ** 2).sum(axis=1)
        borrows = np.flatnonzero(members)[(explained < plain) | (known[members].sum(axis=1) < period)]
        found[borrows[~have[borrows]]] = factors
    return found
