"""What became of a row of an order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from b2b.core.errors import Problem
from orders.policies.order_facts import ProductFacts
from orders.policies.pricing import Break


class RowResult(NamedTuple):
    """What became of a row; without problems it is fit to be ordered. Quantities in base units unless entered.

    `wanted` is the sum over all rows of the product, which the price break holds on. `same_as_row` is an earlier row
    with the same product, site and day: both are ordered, as two lines. All from `sku` on is the same in all rows of
    one `kind`, an object that only stands for them; it is None in a row that nobody priced.
    """

    row: int
    entered_quantity: int = 0
    quantity: int = 0
    net_amount: Decimal = Decimal(0)
    tax_amount: Decimal = Decimal(0)
    same_as_row: int | None = None
    problems: tuple[Problem, ...] = ()
    sku: str = ""
    product: ProductFacts | None = None
    factory_id: int | None = None
    entered_unit: str = ""
    pack_units: int = 1
    wanted: int = 0
    unit_price: Decimal | None = None
    ship_to_site_id: int | None = None
    need_by_date: date | None = None
    expected_date: date | None = None
    available: int = 0
    next_break: Break | None = None
    max_unit_price: Decimal | None = None
    flex_up: int = 0
    flex_down: int = 0
    options: Mapping[str, Any] = {}
    all_or_nothing: bool = False
    kind: object = None

    @property
    def ok(self) -> bool:
        """Tell whether the row may be ordered."""
        return not self.problems

    @property
    def units_to_next_break(self) -> int | None:
        """How many base units more, over all rows of the product, reach the next price; None at the lowest."""
        return self.next_break.min_quantity - self.wanted if self.next_break else None
