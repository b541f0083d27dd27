"""Demand-driven buffers: zones, the demand that counts, net flow and what to order.

Ptak and Smith, "Demand Driven Material Requirements Planning" (3rd edition, 2019); demanddriventech.com for the terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil


@dataclass(frozen=True, slots=True)
class Profile:
    """How products of one kind are buffered: factors of lead time and variability, days between orders.

    Days up to `spike_horizon_days` from now count as spikes when their demand reaches `spike_basis_points` of the red
    zone; null: the lead time.
    """

    lead_time_factor: Decimal
    variability_factor: Decimal
    order_cycle_days: int = 0
    spike_horizon_days: int | None = None
    spike_basis_points: int = 5_000


@dataclass(frozen=True, slots=True)
class Zones:
    """The three zones in base units, from the bottom up."""

    red_base: int
    red_safety: int
    yellow: int
    green: int

    @property
    def top_of_red(self) -> int:
        """Base units below which a buffer is in danger."""
        return self.red_base + self.red_safety

    @property
    def top_of_yellow(self) -> int:
        """Base units of net flow below which is ordered."""
        return self.top_of_red + self.yellow

    @property
    def top_of_green(self) -> int:
        """Base units up to which is ordered."""
        return self.top_of_yellow + self.green


def zones(
    *,
    daily_usage: Decimal,
    lead_time_days: Decimal,
    profile: Profile,
    minimum: int = 1,
    zone_factor: Decimal = Decimal(1),
) -> Zones:
    """Return the zones of a buffer; usage in base units a day, both adjusted already, each zone rounded up.

    Red base is usage x lead time x lead time factor, red safety that x variability; yellow is usage x lead time; green
    the greatest of red base, usage x order cycle and the minimum order quantity. `zone_factor` moves all of them but
    the minimum.
    """
    usage, lead, by = Fraction(daily_usage), Fraction(lead_time_days), Fraction(zone_factor)
    over_lead = usage * lead * by
    base = over_lead * Fraction(profile.lead_time_factor)
    return Zones(
        red_base=ceil(base),
        red_safety=ceil(base * Fraction(profile.variability_factor)),
        yellow=ceil(over_lead),
        green=max(ceil(base), ceil(usage * by * profile.order_cycle_days), minimum),
    )


def qualified(demand: Mapping[date, int], *, today: date, horizon_days: int, threshold: int) -> int:
    """Return the demand that counts: all that is due up to today, and whole days of spikes up to the horizon.

    A day is a spike when everything due on it together reaches the threshold.
    """
    last = today + timedelta(days=horizon_days)
    return sum(
        quantity
        for day, quantity in demand.items()
        if day <= today or (day <= last and quantity >= threshold)
    )


def to_order(shortfall: int, *, minimum: int, multiple: int) -> int:
    """Return what to order for a shortfall: at least the minimum, in whole multiples; 0 for none."""
    if shortfall <= 0:
        return 0
    return -(-max(shortfall, minimum) // multiple) * multiple


def shortfall(zone: Zones, net_flow: int) -> int:
    """Return what lacks to the top of green when the net flow is below the top of yellow; 0 otherwise."""
    return zone.top_of_green - net_flow if net_flow < zone.top_of_yellow else 0


def colour(zone: Zones, on_hand: int) -> str:
    """Return how a buffer stands with what is on hand (execution): dark red below half of the red zone."""
    if 2 * on_hand < zone.top_of_red:
        return "DARK_RED"
    if on_hand < zone.top_of_red:
        return "RED"
    if on_hand < zone.top_of_yellow:
        return "YELLOW"
    return "GREEN" if on_hand <= zone.top_of_green else "BLUE"
