"""The dynamic optimised Theta method for many series at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from orders.policies.forecasting.panel import TINY, Floats, rows_starting, starts

ALPHAS: Final = np.array([0.02, 0.06, 0.12, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98])
HIGHEST_WEIGHT: Final = 0.8  # theta 5
SKIPPED: Final = 3


@dataclass(frozen=True)
class Theta:
    """What the method learnt: the next bucket as seen from each bucket, and what each later one adds."""

    next: Floats  # rows x buckets
    drift: Floats  # rows x buckets

    def ahead(self, step: int) -> Floats:
        """Return the forecast `step` buckets after each bucket (rows x buckets)."""
        return self.next + (step - 1) * self.drift


def _lines_so_far(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return time, intercept and slope of the line through what was known up to each bucket."""
    known = ~np.isnan(values)
    begin = starts(values)
    times = (np.arange(values.shape[1])[None, :] - begin[:, None] + 1.0).clip(0)
    weight = known.astype(np.float64)
    given = np.where(known, values, 0.0)
    number = np.maximum(np.cumsum(weight, axis=1), 1)
    sum_t, sum_y = np.cumsum(weight * times, axis=1), np.cumsum(given, axis=1)
    sum_tt, sum_ty = np.cumsum(weight * times * times, axis=1), np.cumsum(given * times, axis=1)
    spread = sum_tt - sum_t * sum_t / number
    slope = np.where(spread > TINY, (sum_ty - sum_t * sum_y / number) / np.maximum(spread, TINY), 0.0)
    return times, (sum_y - slope * sum_t) / number, slope


def _levels(values: Floats, alpha: Floats) -> Floats:
    """Return simple smoothing of each row after each bucket; it begins with the row's first value."""
    begin = rows_starting(starts(values))
    now, found = np.zeros(len(values)), np.empty(values.shape)
    known = ~np.isnan(values)
    given, gain = np.where(known, values, 0.0), np.where(known, alpha[:, None], 0.0)
    for column in range(values.shape[1]):
        if column in begin:
            now[begin[column]] = values[begin[column], column] / 2
        now = now + gain[:, column] * (given[:, column] - now)
        found[:, column] = now
    return found


def fit(values: Floats) -> Theta:
    """Fit the smoothing of the theta line and the weight of the trend by least squares.

    Fiorucci et al., "Models for optimising the theta method and their relationship to state space models" (IJF, 2016).
    The smoothing does not depend on theta and the forecast is linear in 1 - 1/theta, so that the best theta of each
    alpha is in closed form, where the paper searches.
    """
    rows, width = values.shape
    times, intercept, slope = _lines_so_far(values)
    begin = starts(values)
    scored = ~np.isnan(values) & (np.arange(width)[None, :] >= begin[:, None] + SKIPPED)
    scored[:, 0] = False
    best_error, best_weight, best_alpha = np.full(rows, np.inf), np.zeros(rows), np.full(rows, ALPHAS[0])
    for alpha in ALPHAS:
        levels = _levels(values, np.full(rows, alpha))
        pull = _pull(alpha, times, intercept, slope)
        rest = np.where(scored[:, 1:], values[:, 1:] - levels[:, :-1], 0.0)
        pulled = np.where(scored[:, 1:], pull[:, :-1], 0.0)
        cross, power = (rest * pulled).sum(axis=1), (pulled * pulled).sum(axis=1)
        weight = np.clip(cross / np.maximum(power, TINY), 0.0, HIGHEST_WEIGHT)
        error = (rest * rest).sum(axis=1) - 2 * weight * cross + weight * weight * power
        better = error < best_error
        best_error = np.where(better, error, best_error)
        best_weight, best_alpha = np.where(better, weight, best_weight), np.where(better, alpha, best_alpha)
    pull = _pull(best_alpha[:, None], times, intercept, slope)
    weight = best_weight[:, None]
    return Theta(_levels(values, best_alpha) + weight * pull, weight * slope)


def _pull(alpha: Floats | float, times: Floats, intercept: Floats, slope: Floats) -> Floats:
    faded = (1 - alpha) ** times
    return faded * intercept + (1 - faded * (1 - alpha)) / alpha * slope
