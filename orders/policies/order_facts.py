"""What the rows of an order are judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from orders.policies.pricing import Break


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product and its packs: `units` maps a unit code to base units, `options` an option to its values.

    An option whose values are None takes any text.
    """

    product_id: int
    sku: str
    name: str
    base_unit: str
    tax_rate: Decimal
    units: Mapping[str, int]
    category: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TradeFacts:
    """Who makes the product and what the dealer keeps to and pays; `available` is free stock.

    `min_amount` is what all rows of the factory come to before tax, at least.
    """

    factory_id: int
    lead_time_days: int
    min_quantity: int
    order_multiple: int
    max_quantity: int | None
    breaks: tuple[Break, ...]
    available: int = 0
    min_amount: Decimal | None = None


def agreed_terms(factory_id: int, unit_price: Decimal, *, lead_time_days: int = 0) -> TradeFacts:
    """Return the terms of goods whose price is agreed on already: any quantity, one price."""
    return TradeFacts(
        factory_id=factory_id,
        lead_time_days=lead_time_days,
        min_quantity=1,
        order_multiple=1,
        max_quantity=None,
        breaks=(Break(1, unit_price),),
    )


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a cycle buys goods, and in how many days they are received, picked and carried to the dealer."""

    bought_on: date
    handling_days: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the rows are judged by. A GTIN names a product and the unit it is printed on.

    `by_code` are products by the dealer's own article codes. `arrivals` are of the cycles that close next, by factory
    and by category; what none of them buys takes the `handling_days` of a warehouse nobody has said anything about.
    """

    by_sku: Mapping[str, ProductFacts]
    by_gtin: Mapping[str, tuple[ProductFacts, str]]
    trade: Mapping[int, TradeFacts]
    sites: Mapping[str, int]
    ship_to_site_id: int | None
    currency: str
    today: date
    by_code: Mapping[str, ProductFacts] = field(default_factory=dict)
    arrivals: Mapping[int | str, Arrival] = field(default_factory=dict)
    handling_days: int = 0

    def expected_date(self, product: ProductFacts, trade: TradeFacts, wanted: int) -> date:
        """Return when `wanted` base units may be with the dealer: from the shelf at once, else after the next cut-off.

        Promise: it is not before today, and of goods to be bought it counts cut-off, lead time and handling, as the
        closing of a cycle does when it asks the factory for a day.
        """
        known = [self.arrivals[key] for key in (trade.factory_id, product.category) if key in self.arrivals]
        cycle = min(known, key=lambda one: one.bought_on, default=Arrival(self.today, self.handling_days))
        if trade.available >= wanted:
            return self.today + timedelta(days=cycle.handling_days)
        bought_on = max(self.today, cycle.bought_on)
        return bought_on + timedelta(days=trade.lead_time_days + cycle.handling_days)
