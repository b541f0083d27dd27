"""The value of circulation: sums of documents, and the figures that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final

ZERO: Final = Decimal(0)
# Parts of what circulation costs: member -> is it the platform's own, which no single dealer bears.
COST_PARTS: Final = {
    "freight_amount": False,
    "inbound_amount": False,
    "duty_amount": False,
    "storage_amount": False,
    "fee_amount": False,
    "financing_amount": False,
    "shrinkage_amount": True,
    "claims_amount": True,
}


@dataclass(frozen=True, slots=True)
class Value:
    """The sums of a span of time in one currency, and what follows from them; shares sum to the saving exactly.

    Amounts before tax. `shared_costs` are the dealers' parts of freight from factories, duty, fees and warehousing, as
    their savings statements show them. `settled` shares are those of closed cycles, as the ledger has them; stated ones
    are promises on what was pooled.
    """

    currency: str
    dealers: int = 0
    orders: int = 0
    lines: int = 0
    ordered_quantity: int = 0
    delivered_quantity: int = 0
    ordered_amount: Decimal = ZERO
    baseline: Decimal = ZERO
    pooled: Decimal = ZERO
    dealer_share: Decimal = ZERO
    platform_share: Decimal = ZERO
    factory_share: Decimal = ZERO
    settled_dealer_share: Decimal = ZERO
    settled_platform_share: Decimal = ZERO
    settled_factory_share: Decimal = ZERO
    freight_amount: Decimal = ZERO
    inbound_amount: Decimal = ZERO
    duty_amount: Decimal = ZERO
    storage_amount: Decimal = ZERO
    fee_amount: Decimal = ZERO
    financing_amount: Decimal = ZERO
    shrinkage_amount: Decimal = ZERO
    claims_amount: Decimal = ZERO
    lines_in_full: int = 0
    lines_on_time_in_full: int = 0
    cycle_s: int = 0

    @property
    def saving(self) -> Decimal:
        """What pooling saved against every dealer buying alone."""
        return self.baseline - self.pooled

    @property
    def shared_costs(self) -> Decimal:
        """What dealers bear of shared costs."""
        return self.inbound_amount + self.duty_amount + self.storage_amount + self.fee_amount

    @property
    def saved_after_costs(self) -> Decimal:
        """What the dealers' share of the saving leaves them after the costs they bear."""
        return self.dealer_share - self.shared_costs

    @property
    def circulation_cost(self) -> Decimal:
        """What it cost to bring the goods from factory to dealer: the sum of all parts."""
        return sum((getattr(self, name) for name in COST_PARTS), ZERO)

    @property
    def cost_per_unit(self) -> Decimal:
        """Circulation cost over delivered base units, in the currency."""
        return share(self.circulation_cost, self.delivered_quantity)

    @property
    def freight_per_unit(self) -> Decimal:
        """Freight to dealers over delivered base units, in the currency."""
        return share(self.freight_amount, self.delivered_quantity)

    @property
    def fill_rate(self) -> Decimal:
        """Delivered over ordered quantity; lines still on their way count as not delivered."""
        return share(self.delivered_quantity, self.ordered_quantity)

    @property
    def on_time_in_full(self) -> Decimal:
        """Share of lines that arrived whole and by the date they were needed."""
        return share(self.lines_on_time_in_full, self.lines)

    @property
    def cycle_time_s(self) -> int:
        """Mean seconds from order to last delivery of the lines that came in full."""
        return self.cycle_s // self.lines_in_full if self.lines_in_full else 0

    def as_dict(self) -> dict[str, Any]:
        """Return every figure, the derived ones too, as the API, the CSV and the market report show them."""
        stated = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "cycle_s"}
        return stated | {name: getattr(self, name) for name in DERIVED}


DERIVED: Final = (
    "saving",
    "shared_costs",
    "saved_after_costs",
    "circulation_cost",
    "cost_per_unit",
    "freight_per_unit",
    "fill_rate",
    "on_time_in_full",
    "cycle_time_s",
)


def share(part: Decimal | int, whole: int) -> Decimal:
    """Return part over whole to four decimals, 0 of nothing."""
    return round(Decimal(part) / whole, 4) if whole else ZERO


def days_outstanding(owed: Decimal, billed: Decimal, days: int) -> Decimal | None:
    """Return days sales outstanding to one decimal: what is owed over what was billed, times the days of the span.

    None when nothing was billed. Source: the usual definition (receivables / credit sales x days).
    """
    return round(owed * days / billed, 1) if billed > 0 else None


def turns(issued: int, average_on_hand: Decimal, days: int) -> Decimal | None:
    """Return how often stock turns over in a year of 365 days, by quantity; None without stock.

    Source: inventory turns = cost of goods sold / average inventory, both counted in base units.
    """
    return round(Decimal(issued) * 365 / days / average_on_hand, 2) if average_on_hand > 0 and days else None


def bullwhip(bought: Sequence[int], wanted: Sequence[int]) -> Decimal | None:
    """Return how much more orders at factories vary than dealers' demand, week by week; 1 is as much.

    The ratio of the squared coefficients of variation. Source: Fransoo & Wouters, Measuring the bullwhip effect in the
    supply chain (2000). None with fewer than four weeks, or when either side is nothing or never varies.
    """
    if len(bought) != len(wanted) or len(wanted) < 4 or not sum(bought) or not sum(wanted):
        return None
    variation = _variation(wanted)
    return round(_variation(bought) / variation, 2) if variation else None


def _variation(values: Sequence[int]) -> Decimal:
    mean = Decimal(sum(values)) / len(values)
    spread = sum(((one - mean) ** 2 for one in values), ZERO) / (len(values) - 1)
    return spread / mean**2
