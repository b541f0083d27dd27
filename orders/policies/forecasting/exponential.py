"""Exponential smoothing of many series at once: simple, and with a damped trend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from orders.policies.forecasting.panel import TINY, Floats, rows_starting, starts

SIMPLE_ALPHAS: Final = np.array([0.02, 0.06, 0.12, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98])
# (alpha, beta / alpha, phi): the coarse grid; what is best is refined around it.
COARSE: Final = np.array(
    [
        (alpha, ratio, phi)
        for alpha in (0.1, 0.35, 0.65, 0.9)
        for ratio in (0.02, 0.15, 0.5)
        for phi in (0.85, 0.96)
    ]
)
STEPS: Final = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
WARM_UP: Final = 10


@dataclass(frozen=True)
class Smoothed:
    """What smoothing learnt: two models a row, weighted by their AICc; states as they were after each bucket."""

    weights: Floats  # rows x 2
    alpha: Floats  # rows x 2
    phi: Floats  # rows
    levels: Floats  # 2 x rows x buckets
    slopes: Floats  # rows x buckets

    def ahead(self, step: int) -> Floats:
        """Return the forecast `step` buckets after each bucket (rows x buckets)."""
        damping = np.where(self.phi < 1, self.phi * (1 - self.phi**step) / (1 - self.phi), step)[:, None]
        trended = self.levels[1] + damping * self.slopes
        mean = self.weights[:, :1] * self.levels[0] + self.weights[:, 1:] * trended
        return np.asarray(mean, dtype=np.float64)


def initial(values: Floats) -> tuple[Floats, Floats]:
    """Return level (before the first bucket) and slope of the line through a row's first ten buckets."""
    rows, width = values.shape
    take = min(WARM_UP, width)
    begin = starts(values)
    columns = np.minimum(begin[:, None] + np.arange(take)[None, :], width - 1)
    first = values[np.arange(rows)[:, None], columns]
    known = ~np.isnan(first) & (begin[:, None] + np.arange(take)[None, :] < width)
    times = np.where(known, np.arange(take)[None, :] + 1.0, 0.0)
    number = np.maximum(known.sum(axis=1), 1)
    middle = times.sum(axis=1) / number
    level = np.where(known, first, 0.0).sum(axis=1) / number
    away = np.where(known, times - middle[:, None], 0.0)
    slope = (away * np.where(known, first, 0.0)).sum(axis=1) / np.maximum((away * away).sum(axis=1), TINY)
    return level - slope * middle, slope


def _errors(
    values: Floats, alpha: Floats, beta: Floats | None, phi: Floats, level: Floats, slope: Floats
) -> Floats:
    """Return the sum of squared one-step errors of each row under each set of parameters (rows x sets)."""
    rows, width = values.shape
    shape = (rows, alpha.shape[-1])
    first, begin = np.broadcast_to(level[:, None], shape), rows_starting(starts(values))
    trend0 = np.broadcast_to(slope[:, None], shape)
    now, trend = first.copy(), trend0.copy()
    total, error, square = np.zeros(shape), np.empty(shape), np.empty(shape)
    missing = np.asarray(np.isnan(values).any(axis=0))
    for column in range(width):
        if column in begin and column > 0:
            new = begin[column]
            now[new], total[new] = first[new], 0.0
            if beta is not None:
                trend[new] = trend0[new]
        if beta is not None:
            trend *= phi
            now += trend
        np.subtract(values[:, column, None], now, out=error)
        if missing.item(column):
            error[np.isnan(values[:, column])] = 0.0
        np.multiply(error, error, out=square)
        total += square
        if beta is not None:
            np.multiply(error, beta, out=square)
            trend += square
        error *= alpha
        now += error
    return total


def _fit_simple(values: Floats, level: Floats) -> tuple[Floats, Floats]:
    grid = np.broadcast_to(SIMPLE_ALPHAS, (1, len(SIMPLE_ALPHAS)))
    error = _errors(values, grid, None, grid, level, np.zeros(len(level)))
    best = error.argmin(axis=1)
    return SIMPLE_ALPHAS[best], error[np.arange(len(best)), best]


def _fit_damped(values: Floats, level: Floats, slope: Floats) -> tuple[Floats, Floats]:
    """Return the best (alpha, beta / alpha, phi) of each row and its error: a coarse grid, then nearer and nearer."""
    every = np.arange(len(values))
    grid = COARSE.T[:, None, :]
    error = _errors(values, grid[0], grid[0] * grid[1], grid[2], level, slope)
    at = error.argmin(axis=1)
    best, least = COARSE[at], error[every, at]
    for scale in (0.13, 0.06):
        moves = np.array([(a * scale, b, p * scale * 0.4) for a, b, p in STEPS])
        near = best[:, :, None] + np.concatenate([moves, -moves]).T[None, :, :]
        # The ratio moves by doubling and halving.
        near[:, 1, [1, 4]] = best[:, 1, None] * np.array([2.0, 0.5]) ** (scale / 0.06)
        near[:, 1, [0, 2, 3, 5]] = best[:, 1, None]
        near[:, 0] = near[:, 0].clip(0.01, 0.99)
        near[:, 1] = near[:, 1].clip(0.005, 0.95)
        near[:, 2] = near[:, 2].clip(0.8, 0.98)
        error = _errors(values, near[:, 0], near[:, 0] * near[:, 1], near[:, 2], level, slope)
        at = error.argmin(axis=1)
        better = error[every, at] < least
        best = np.where(better[:, None], near[every, :, at], best)
        least = np.where(better, error[every, at], least)
    return best, least


def weights_of(errors: Floats, parameters: Floats, number: Floats) -> Floats:
    """Return Akaike weights (rows x models) by AICc (Kolassa, "Combining exponential smoothing forecasts", 2011)."""
    size = number[:, None]
    penalty = 2 * parameters + 2 * parameters * (parameters + 1) / np.maximum(size - parameters - 1, 1)
    criterion = size * np.log(np.maximum(errors, TINY) / np.maximum(size, 1)) + penalty
    weight = np.exp(-0.5 * (criterion - criterion.min(axis=1, keepdims=True)).clip(0, 200))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True), dtype=np.float64)


def states(
    values: Floats, alpha: Floats, beta: Floats, phi: Floats, level: Floats, slope: Floats
) -> tuple[Floats, Floats]:
    """Return level and slope of each row after each bucket."""
    rows, width = values.shape
    begin = rows_starting(starts(values))
    levels, slopes = np.empty((rows, width)), np.empty((rows, width))
    now, trend = level.copy(), slope.copy()
    for column in range(width):
        if column in begin:
            new = begin[column]
            now[new], trend[new] = level[new], slope[new]
        step = phi * trend
        error = np.nan_to_num(values[:, column] - now - step, nan=0.0)
        now = now + step + alpha * error
        trend = step + beta * error
        levels[:, column], slopes[:, column] = now, trend
    return levels, slopes


def smooth(values: Floats) -> Smoothed:
    """Fit simple and damped exponential smoothing to every row by least squares.

    Hyndman, Koehler, Ord and Snyder, "Forecasting with Exponential Smoothing" (2008), models ANN and AAdN.
    """
    level, slope = initial(values)
    number = (~np.isnan(values)).sum(axis=1).astype(np.float64)
    # A simple model starts with the mean of its first buckets' line, not with where a trend began.
    flat = level + slope
    alpha, simple = _fit_simple(values, flat)
    best, damped = _fit_damped(values, level, slope)
    weights = weights_of(np.stack([simple, damped], axis=1), np.array([3.0, 6.0]), number)
    zero, one = np.zeros(len(values)), np.ones(len(values))
    plain, _ = states(values, alpha, zero, one, flat, zero)
    levels, slopes = states(values, best[:, 0], best[:, 0] * best[:, 1], best[:, 2], level, slope)
    return Smoothed(
        weights, np.stack([alpha, best[:, 0]], axis=1), best[:, 2], np.stack([plain, levels]), slopes
    )
