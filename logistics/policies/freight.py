"""What a round costs, and how its shipments share the cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from b2b.core.money import Money

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a carrier asks, in one currency: a base, rates per km, kg, stop and hour, and a minimum for the round.

    `breaks` are (from so many grams, rate per kg): who pays for that weight gets the lower rate, even below it. The
    surcharge, in per cent, comes on top of all of it.
    """

    currency: str
    base: Decimal = ZERO
    per_km: Decimal = ZERO
    per_kg: Decimal = ZERO
    per_hour: Decimal = ZERO
    minimum: Decimal = ZERO
    per_stop: Decimal = ZERO
    breaks: tuple[tuple[int, Decimal], ...] = ()
    surcharge_percent: Decimal = ZERO


def price(terms: Terms, *, distance_m: int, duration_s: int, weight_g: int, stops: int = 0) -> Money:
    """Return the freight for a round, rounded once to the currency; never below the minimum.

    It does not fall when distance, duration, weight or stops grow.
    """
    asked = (
        terms.base
        + terms.per_km * distance_m / 1000
        + _by_weight(terms, weight_g)
        + terms.per_hour * duration_s / 3600
        + terms.per_stop * stops
    )
    charged = max(asked, terms.minimum) * (100 + terms.surcharge_percent) / 100
    return Money.of(charged, terms.currency)


def _by_weight(terms: Terms, weight_g: int) -> Decimal:
    """Return the cheapest of all rates, each for no less than the weight it begins at: more never costs less."""
    rates = [(0, terms.per_kg), *terms.breaks]
    return min(rate * max(weight_g, begins_g) / 1000 for begins_g, rate in rates)


def basis(*, weight_g: int, volume_cm3: int, distance_m: int) -> int:
    """Return the weight a shipment takes part in a shared cost with: chargeable grams times metres from the depot.

    A cubic metre counts as at least 333 kg (the customary volumetric weight of road freight). Never zero, so that
    every shipment bears something and a cost can always be split.
    """
    chargeable_g = max(weight_g, volume_cm3 // 3, 1)
    return chargeable_g * max(distance_m, 1)


def share(cost: Money, bases: Sequence[int]) -> list[Money]:
    """Split the cost of a round over its shipments; the shares sum to it exactly (largest remainder)."""
    return cost.split(bases) if bases else []
