"""What is ordered when: order by order, at a reorder point, or by signals from a buffer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil
from statistics import NormalDist
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from orders.policies import buffer
from orders.policies.forecasting import engine
from orders.policies.rehearsal.market import WEEK, Market, Units

# So many days of sales a place looks back on.
MEMORY_DAYS: Final = 56
SEASON_WEEKS: Final = 52
HISTORY_WEEKS: Final = 104


class Rule(Protocol):
    """Decides at the end of a day what a place orders."""

    def start(self, market: Market, sold: Units) -> Units:
        """Return what the shelves begin with (places x products), knowing what was sold before."""
        ...

    def order(self, market: Market, day: int, sold: Units, position: Units) -> Units:
        """Return what to order (places x products); `sold` is the history of days so far, today's last."""
        ...


def _lots(market: Market, wanted: Units) -> Units:
    """Return what may be ordered for what is wanted: at least the minimum, in whole multiples, nothing for nothing."""
    least = np.maximum(wanted, market.minimum)
    return np.asarray(np.where(wanted > 0, -(-least // market.multiple) * market.multiple, 0), dtype=np.int64)


def cover(sold: Units, days: Units, chance: float) -> Units:
    """Return what covers the demand of so many days with a chance: mean and spread of the last eight weeks.

    Silver, Pyke and Thomas, "Inventory and Production Management in Supply Chains" (4th edition, 2017), chapter 6.
    """
    recent = sold[-MEMORY_DAYS:]
    mean, spread = recent.mean(axis=0), recent.std(axis=0)
    return np.asarray(
        np.ceil(mean * days + NormalDist().inv_cdf(chance) * spread * np.sqrt(days)), dtype=np.int64
    )


@dataclass(frozen=True)
class OrderByOrder:
    """Each place orders what it sold, up to a level that covers the lead time, and at least a minimum of its own."""

    chance: float = 0.98

    def start(self, market: Market, sold: Units) -> Units:
        """Begin with what covers the lead time."""
        return cover(sold, market.lead_days + 1, self.chance)

    def order(self, market: Market, day: int, sold: Units, position: Units) -> Units:
        """Order up to the level that history told."""
        level = cover(sold[: market.known_days], market.lead_days + 1, self.chance)
        return _lots(market, level - position)


@dataclass(frozen=True)
class ReorderPoint:
    """Each place orders enough for `cycle_days` when it has less than covers the lead time, computed anew each day."""

    chance: float = 0.98
    cycle_days: int = 14

    def start(self, market: Market, sold: Units) -> Units:
        """Begin with what covers the lead time and half a cycle."""
        return cover(sold, market.lead_days + self.cycle_days // 2, self.chance)

    def order(self, market: Market, day: int, sold: Units, position: Units) -> Units:
        """Order a lot when the position is below the point."""
        point = cover(sold, market.lead_days + 1, self.chance)
        lot = np.ceil(sold[-MEMORY_DAYS:].mean(axis=0) * self.cycle_days).astype(np.int64)
        return _lots(market, np.where(position < point, np.maximum(lot, point - position), 0))


@dataclass
class Signals:
    """One buffer of all places together, of a profile for each product.

    Its usage is forecast once a week; its zones decide each day what is made.
    """

    profiles: Sequence[buffer.Profile]
    _usage: NDArray[np.float64] | None = field(default=None, init=False, repr=False)

    def start(self, market: Market, sold: Units) -> Units:
        """Begin in the middle of green less what would be on its way."""
        zones = self._zones(market, self._forecast(market, sold))
        return np.array([[zone.top_of_red + zone.green // 2 for zone in zones]], dtype=np.int64)

    def order(self, market: Market, day: int, sold: Units, position: Units) -> Units:
        """Order what lacks to the top of green, as a plan does."""
        if self._usage is None or day % WEEK == 0:
            self._usage = self._forecast(market, sold)
        found = [
            buffer.to_order(
                buffer.shortfall(zone, int(position[0, at])),
                minimum=int(market.minimum[at]),
                multiple=int(market.multiple[at]),
            )
            for at, zone in enumerate(self._zones(market, self._usage))
        ]
        return np.array([found], dtype=np.int64)

    def _zones(self, market: Market, usage: NDArray[np.float64]) -> list[buffer.Zones]:
        return [
            buffer.zones(
                daily_usage=Decimal(f"{usage[at]:.4f}"),
                lead_time_days=Decimal(int(market.lead_days[at])),
                profile=self.profiles[at],
                minimum=int(market.minimum[at]),
            )
            for at in range(len(usage))
        ]

    @staticmethod
    def _forecast(market: Market, sold: Units) -> NDArray[np.float64]:
        """Return the usage a day that the forecast expects over each product's lead time."""
        whole = len(sold) // WEEK
        weeks = min(whole, HISTORY_WEEKS)
        daily = sold[len(sold) - weeks * WEEK :].sum(axis=1).astype(np.float64)
        weekly = daily.reshape(weeks, WEEK, -1).sum(axis=1).T
        lead = np.array([ceil(days / WEEK) for days in market.lead_days], dtype=np.int64)
        horizon = int(lead.max())
        period = SEASON_WEEKS if weeks >= 2 * SEASON_WEEKS else 1
        found = engine.forecast(weekly, period=period, horizon=horizon, lead=lead)
        return np.asarray(found.lead_mean / lead / WEEK, dtype=np.float64)
