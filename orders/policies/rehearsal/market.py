"""What is played: who wants what each day, and what factories make of what is ordered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Units = NDArray[np.int64]
WEEK = 7


@dataclass(frozen=True)
class Market:
    """Demand in base units (days x places x products), and how each product is made.

    A factory needs `lead_days` for what is ordered and makes at most `daily_capacity` of a product a day; it sells from
    `minimum` on in whole `multiple`s to whoever orders. From the platform's warehouse goods travel `transit_days`. Of
    the days the first `known_days` are history that nobody plays.
    """

    demand: Units
    lead_days: Units
    minimum: Units
    multiple: Units
    daily_capacity: Units
    transit_days: int
    known_days: int

    @property
    def days(self) -> int:
        """How many days are played."""
        return len(self.demand) - self.known_days


class Factory:
    """Makes what is ordered after its lead time, first come first served, as far as a day's capacity goes."""

    def __init__(self, market: Market, places: int) -> None:
        longest = int(market.lead_days.max()) + 1
        self._lead = market.lead_days
        self._capacity = market.daily_capacity
        self._coming = np.zeros((longest + 1, places, len(self._lead)), dtype=np.int64)
        self._due = np.zeros((places, len(self._lead)), dtype=np.int64)
        self._products = np.arange(len(self._lead))

    def order(self, day: int, wanted: Units) -> None:
        """Take an order (places x products)."""
        slots = (day + self._lead) % len(self._coming)
        self._coming[slots, :, self._products] += wanted.T

    def deliver(self, day: int) -> Units:
        """Return what leaves the factory on a day (places x products).

        Where capacity is short, places are served in turn; who is first changes from day to day.
        """
        slot = day % len(self._coming)
        self._due += self._coming[slot]
        self._coming[slot] = 0
        turn = np.roll(np.arange(len(self._due)), -(day % len(self._due)))
        queue = self._due[turn]
        before = np.cumsum(queue, axis=0) - queue
        made = np.zeros_like(queue)
        made[np.arange(len(turn))] = np.clip(self._capacity[None, :] - before, 0, queue)
        given = np.zeros_like(self._due)
        given[turn] = made
        self._due -= given
        return given


@dataclass
class Shelf:
    """Goods of each place and product: what is there, what comes, and what is owed to those who wanted it."""

    on_hand: Units
    on_order: Units
    owed: Units

    @classmethod
    def of(cls, on_hand: Units) -> Shelf:
        """Return a shelf that begins with so much."""
        return cls(on_hand.copy(), np.zeros_like(on_hand), np.zeros_like(on_hand))

    @property
    def position(self) -> Units:
        """What is there or comes, less what is owed."""
        return np.asarray(self.on_hand + self.on_order - self.owed, dtype=np.int64)

    def receive(self, came: Units) -> None:
        """Put goods on the shelf."""
        self.on_hand += came
        self.on_order -= came

    def sell(self, wanted: Units) -> Units:
        """Give what is owed and then what is wanted today, and return what of today's could be given at once."""
        late = np.minimum(self.on_hand, self.owed)
        self.on_hand -= late
        self.owed -= late
        given = np.minimum(self.on_hand, wanted)
        self.on_hand -= given
        self.owed += wanted - given
        return np.asarray(given, dtype=np.int64)
