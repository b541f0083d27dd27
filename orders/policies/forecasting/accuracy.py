"""How good a forecast was: errors as they are compared in public, and as they are watched from run to run."""

from __future__ import annotations

import numpy as np

from orders.policies.forecasting.panel import TINY, Floats


def smape(forecast: Floats, actual: Floats) -> Floats:
    """Return 200 |f - a| / (|f| + |a|) of each value, 0 where both are 0 (Makridakis and Hibon, 2000)."""
    total = np.abs(forecast) + np.abs(actual)
    return np.asarray(
        np.where(total > 0, 200 * np.abs(forecast - actual) / np.maximum(total, TINY), 0.0), dtype=np.float64
    )


def value_added(error: Floats, naive: Floats) -> Floats:
    """Return which part of the naive error a forecast saves; negative where it does harm, 0 where none is known.

    Gilliland, "The Business Forecasting Deal" (2010).
    """
    known = (naive > 0) & ~np.isnan(error) & ~np.isnan(naive)
    ratio = np.divide(error, naive, out=np.ones_like(naive), where=known)
    return np.asarray(np.where(known, 1 - ratio, 0.0), dtype=np.float64)


def bias(errors: Floats, actual: Floats) -> Floats:
    """Return summed (forecast - actual) over summed actual demand of each row, over windows of which both are known."""
    known = ~np.isnan(errors) & ~np.isnan(actual)
    demand = np.where(known, actual, 0.0).sum(axis=1)
    missed = np.where(known, errors, 0.0).sum(axis=1)
    return np.asarray(np.where(demand > 0, missed / np.maximum(demand, TINY), 0.0), dtype=np.float64)


def tracking_signal(errors: Floats) -> Floats:
    """Return summed error over mean absolute error (Brown, 1959): beyond 4 or so a method lags behind."""
    known = ~np.isnan(errors)
    missed = np.where(known, errors, 0.0)
    mean = np.abs(missed).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.asarray(np.where(mean > 0, missed.sum(axis=1) / np.maximum(mean, TINY), 0.0), dtype=np.float64)
