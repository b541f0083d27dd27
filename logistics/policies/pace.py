"""How long legs and visits really take beside what was planned, learned from what happened.

Ratios are taken as log-normal: their logarithms add up, so that tallies of different weeks do as well. A small tally
leans on the wider one above it (empirical Bayes; Gelman et al., Bayesian Data Analysis, 3rd ed., 2.6 and 5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Final

LEG: Final = "LEG"
VISIT: Final = "VISIT"
TRIP: Final = "TRIP"
ANY: Final = ""  # the key of all legs, or all visits

WEIGHT: Final = 12.0  # observations that what is known from above counts for
CLASSES: Final = ((5_000, "short"), (20_000, "middle"), (80_000, "far"))  # legs up to so many metres
FARTHEST: Final = "farthest"
LEAST: Final = 0.02  # of a standard deviation: nothing takes the same time twice


@dataclass(frozen=True, slots=True)
class Tally:
    """Observations of one key: how many, the sum of the logarithms of their ratios, and of their squares."""

    count: int
    log_sum: float
    log_square_sum: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation of the logarithm of a ratio."""

    mean: float
    deviation: float


# Before anything is known: travel a quarter off, unloading a third, of which a tenth holds for the whole day.
UNKNOWN: Final = {LEG: Spread(0.0, 0.25), VISIT: Spread(0.0, 0.35)}
COMMON: Final = 0.1


def leg_keys(distance_m: int, hour: int) -> tuple[str, str, str]:
    """Return the keys of a leg from the widest to the narrowest: any, by length, by length and hour of the day."""
    length = next((name for most, name in CLASSES if distance_m <= most), FARTHEST)
    return ANY, length, f"{length}@{hour:02}"


def learned(prior: Spread, tally: Tally | None) -> Spread:
    """Return what is known after a tally: its own mean and deviation, drawn to the prior by WEIGHT observations."""
    if tally is None or tally.count == 0:
        return prior
    whole = WEIGHT + tally.count
    mean = (WEIGHT * prior.mean + tally.log_sum) / whole
    squares = tally.log_square_sum - 2 * mean * tally.log_sum + tally.count * mean * mean
    variance = (WEIGHT * (prior.deviation**2 + (prior.mean - mean) ** 2) + max(0.0, squares)) / whole
    return Spread(mean, max(LEAST, sqrt(variance)))


@dataclass(frozen=True)
class Paces:
    """All tallies by kind and key. Those of a TRIP sum products of what neighbouring legs deviate from their means."""

    tallies: Mapping[tuple[str, str], Tally] = field(default_factory=dict)

    def leg(self, distance_m: int, hour: int) -> Spread:
        """Return what is known of a leg of so many metres that begins in this hour of the day."""
        return self._chain(LEG, leg_keys(distance_m, hour))

    def visit(self, place: str) -> Spread:
        """Return what is known of unloading at a place."""
        return self._chain(VISIT, (ANY, place))

    @property
    def common(self) -> float:
        """The deviation that all legs of a trip share: weather, driver, vehicle."""
        tally = self.tallies.get((TRIP, ANY))
        pairs, product = (tally.count, tally.log_square_sum) if tally else (0, 0.0)
        return sqrt(max(LEAST**2, (WEIGHT * COMMON**2 + product) / (WEIGHT + pairs)))

    def _chain(self, kind: str, keys: Sequence[str]) -> Spread:
        known = UNKNOWN[kind]
        for key in keys:
            known = learned(known, self.tallies.get((kind, key)))
        return known


def shared(deviations: Iterable[float], own: float, common: float) -> Spread:
    """Return what is known of a trip's common deviation after some of its legs deviated so much.

    Normal with known variances (Bayesian Data Analysis, 2.5): `own` is the deviation of one leg alone.
    """
    seen = list(deviations)
    precision = 1 / common**2 + len(seen) / own**2
    return Spread(sum(seen) / own**2 / precision, sqrt(1 / precision))
