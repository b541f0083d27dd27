"""The forecast of what sells in most buckets: the mean of exponential smoothing and Theta."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from orders.policies.forecasting import exponential, theta
from orders.policies.forecasting.exponential import Smoothed
from orders.policies.forecasting.panel import Flags, Floats, mean_of_known
from orders.policies.forecasting.theta import Theta

# The mean of logarithms is below the logarithm of the mean by half the variance: up to this one it is under 2 % of a
# forecast, of which half a combination is made.
STEADY: Final = 0.0625
LIFT: Final = 3.0  # keeps the logarithms of scaled demand positive, as Theta's first level expects


@dataclass(frozen=True)
class Combination:
    """Both methods on the values, and for steady rows on their logarithms as well."""

    smoothed: Smoothed
    theta: Theta
    log_smoothed: Smoothed | None
    log_theta: Theta | None
    steady: Flags

    def ahead(self, step: int) -> Floats:
        """Return the forecast `step` buckets after each bucket (rows x buckets)."""
        mean = (self.smoothed.ahead(step) + self.theta.ahead(step)) / 2
        if self.log_smoothed is None or self.log_theta is None:
            return mean
        logs = (self.log_smoothed.ahead(step) + self.log_theta.ahead(step)) / 2
        mean[self.steady] = (mean[self.steady] + np.exp(logs - LIFT)) / 2
        return mean


def fit(values: Floats) -> Combination:
    """Fit the mean of damped exponential smoothing and Theta to rows of a mean near 1.

    Combining beats choosing (Makridakis et al., "The M4 competition", IJF, 2020). Rows that vary by ratio rather than
    by amount, and little, are forecast on both scales: growth is then neither taken for straight nor for compound.
    """
    smoothed, line = exponential.smooth(values), theta.fit(values)
    lowest = np.where(np.isnan(values), np.inf, values).min(axis=1, initial=np.inf)
    positive = np.flatnonzero(lowest > 1e-3)
    steady = np.zeros(len(values), dtype=np.bool_)
    if not len(positive):
        return Combination(smoothed, line, None, None, steady)
    changes = np.diff(np.log(values[positive]), axis=1)
    # What two neighbours differ by has twice the variance of one; trends are so slow that they hardly count.
    calm = mean_of_known(changes**2) / 2 < STEADY
    steady[positive[calm]] = True
    if not calm.any():
        return Combination(smoothed, line, None, None, steady)
    logs = np.log(values[steady]) + LIFT
    return Combination(smoothed, line, exponential.smooth(logs), theta.fit(logs), steady)
