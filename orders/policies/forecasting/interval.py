"""How far off a forecast may be: quantiles from the errors a method would have made."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from orders.policies.forecasting.panel import TINY, Floats, Whole

# So many windows a scale seen in errors weighs against the one that theory gives.
PRIOR_WINDOWS: Final = 6.0
# A small panel knows little about tails: so many draws of a normal distribution stand beside its errors.
PRIOR_DRAWS: Final = 100
FITTED: Final = 3.0


def _normal_draws() -> Floats:
    """Return evenly likely values of the standard normal."""
    normal = NormalDist()
    return np.array([normal.inv_cdf((index + 0.5) / PRIOR_DRAWS) for index in range(PRIOR_DRAWS)])


def growth(alpha: Floats, lead: int) -> Floats:
    """Return the variance of the sum of `lead` buckets in units of one bucket's, for simple smoothing.

    Hyndman et al., "Forecasting with Exponential Smoothing" (2008), chapter 6 (lead-time demand).
    """
    steps = np.arange(lead)[None, :]
    return np.asarray(((1 + steps * alpha[:, None]) ** 2).sum(axis=1), dtype=np.float64)


def unseen(values: Floats, fitted: Floats) -> Floats:
    """Return how much wider the errors of buckets not yet seen are than those of the buckets a row was fitted to.

    Akaike's final prediction error ("Fitting autoregressive models for prediction", 1969): (n + p) / (n - p) of the
    variance, where a season of a row's own counts a parameter for each of its buckets.
    """
    number = (~np.isnan(values)).sum(axis=1).astype(np.float64)
    fitted = np.minimum(fitted, number / 2)
    return np.asarray(np.sqrt((number + fitted) / np.maximum(number - fitted, 1)), dtype=np.float64)


def scales(errors: Floats, prior: Floats, lead: int) -> Floats:
    """Return the scale of each row's errors: their root mean square, blended with the theory's variance `prior`.

    Windows overlap: `lead` of them count as one.
    """
    known = ~np.isnan(errors)
    square = np.where(known, errors, 0.0) ** 2
    number = known.sum(axis=1) / lead
    mean = square.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    blended = (number * mean + PRIOR_WINDOWS * prior) / (number + PRIOR_WINDOWS)
    return np.asarray(np.sqrt(np.maximum(blended, TINY)), dtype=np.float64)


def standardised(errors: Floats, prior: Floats, lead: int) -> Floats:
    """Return later errors in units of the scale that the earlier ones gave: what a scale fails to foresee is in it."""
    half = errors.shape[1] // 2
    return np.asarray(errors[:, half:] / scales(errors[:, :half], prior, lead)[:, None], dtype=np.float64)


def quantiles(
    units: NDArray[np.floating[Any]], groups: Whole, chances: tuple[float, ...], many_groups: int
) -> Floats:
    """Return the quantiles of standardised errors of each group (groups x chances), pooled over its rows.

    Split conformal prediction over a panel (Lei et al., 2018): what was covered before is covered again, on the mean
    of the group.
    """
    draws = _normal_draws()
    found = np.empty((many_groups, len(chances)))
    for group in range(many_groups):
        own = units[groups == group]
        pooled = np.concatenate([own[~np.isnan(own)], draws])
        found[group] = np.quantile(pooled, chances)
    return found
