"""Judge the rows of an order: each gets a result, each fault its row, field and remedy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from b2b.core.errors import Problem
from b2b.core.money import round_to_currency
from b2b.core.quantity import round_up_to_multiple
from orders.policies.pooling import smallest
from orders.policies.pricing import Break, choose, following

LARGEST: Final = 10**12


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as entered: its number, and texts under `sku`, `gtin`, `quantity`, `unit`, `ship_to`, `need_by_date`."""

    number: int
    values: Mapping[str, str]

    def get(self, name: str) -> str:
        """Return the trimmed text of a field, empty when it is missing."""
        return (self.values.get(name) or "").strip()


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product and its packs: `units` maps a unit code to base units."""

    product_id: int
    sku: str
    name: str
    base_unit: str
    tax_rate: Decimal
    units: Mapping[str, int]
    category: str = ""


@dataclass(frozen=True, slots=True)
class TradeFacts:
    """Who makes the product and what the dealer keeps to and pays; `available` is free stock."""

    factory_id: int
    lead_time_days: int
    min_quantity: int
    order_multiple: int
    max_quantity: int | None
    breaks: tuple[Break, ...]
    available: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the rows are judged by. A GTIN names a product and the unit it is printed on."""

    by_sku: Mapping[str, ProductFacts]
    by_gtin: Mapping[str, tuple[ProductFacts, str]]
    trade: Mapping[int, TradeFacts]
    sites: Mapping[str, int]
    ship_to_site_id: int | None
    currency: str
    today: date


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row; without problems it is fit to be ordered. Quantities in base units unless entered."""

    row: int
    sku: str = ""
    product: ProductFacts | None = None
    factory_id: int | None = None
    entered_quantity: int = 0
    entered_unit: str = ""
    pack_units: int = 1
    quantity: int = 0
    unit_price: Decimal | None = None
    net_amount: Decimal = Decimal(0)
    tax_amount: Decimal = Decimal(0)
    ship_to_site_id: int | None = None
    need_by_date: date | None = None
    expected_date: date | None = None
    available: int = 0
    next_break: Break | None = None
    problems: tuple[Problem, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Tell whether the row may be ordered."""
        return not self.problems


def judge(rows: Sequence[RawRow], facts: Facts) -> list[RowResult]:
    """Return one result per row, in order. The price break and the minimum hold on the order's sum of a product."""
    results = [_read(row, facts) for row in rows]
    wanted: dict[int, int] = defaultdict(int)
    for result in results:
        if result.product:
            wanted[result.product.product_id] += result.quantity
    return [
        _price(result, facts, wanted[result.product.product_id]) if result.product else result
        for result in results
    ]


def judge_alone(rows: Sequence[RawRow], facts: Facts) -> list[RowResult]:
    """Judge until the good rows stand alone: no break or minimum rests on a row that is refused."""
    results = judge(rows, facts)
    kept = [index for index, result in enumerate(results) if result.ok]
    while len(kept) < len(results):
        again = judge([rows[index] for index in kept], facts)
        for index, result in zip(kept, again, strict=True):
            results[index] = result
        if all(result.ok for result in again):
            break
        kept = [index for index in kept if results[index].ok]
    return results


def _read(row: RawRow, facts: Facts) -> RowResult:
    problems: list[Problem] = []

    def fault(code: str, name: str, message: str, remedy: str) -> None:
        problems.append(Problem(code=code, message=message, row=row.number, field=name, remedy=remedy))

    product, printed_unit = _product(row, facts)
    if product is None:
        name = "sku" if row.get("sku") or not row.get("gtin") else "gtin"
        shown = row.get(name) or "an empty cell"
        fault(
            "unknown_product", name, f"{shown} is no product on sale", "Use a SKU or GTIN of the catalogue."
        )
    entered = _whole(row.get("quantity"))
    if entered is None:
        fault(
            "invalid_quantity",
            "quantity",
            f"{row.get('quantity') or 'an empty cell'} is not a whole number above zero",
            "Enter a whole number of the unit.",
        )
    unit = (row.get("unit") or printed_unit).upper()
    pack_units = 1
    if product is not None:
        unit = unit or product.base_unit
        pack_units = product.units.get(unit, 0)
        if not pack_units:
            known = ", ".join(product.units)
            fault("unknown_unit", "unit", f"{product.sku} does not come in {unit}", f"Use one of {known}.")
    site = facts.sites.get(row.get("ship_to")) if row.get("ship_to") else facts.ship_to_site_id
    if site is None:
        fault("unknown_site", "ship_to", f"{row.get('ship_to') or 'no site'} is none of your sites",
              "Use the code of one of your sites.")  # fmt: skip
    need_by = None
    if text := row.get("need_by_date"):
        need_by = _day(text)
        if need_by is None:
            fault("invalid_date", "need_by_date", f"{text} is no date", "Write it as 2026-12-31.")
        elif need_by < facts.today:
            fault("date_in_the_past", "need_by_date", f"{text} is past", "Enter a day to come.")
    return RowResult(
        row=row.number,
        sku=product.sku if product else row.get("sku") or row.get("gtin"),
        product=product,
        entered_quantity=entered or 0,
        entered_unit=unit,
        pack_units=pack_units or 1,
        quantity=(entered or 0) * (pack_units or 1),
        ship_to_site_id=site,
        need_by_date=need_by,
        problems=tuple(problems),
    )


def _product(row: RawRow, facts: Facts) -> tuple[ProductFacts | None, str]:
    if sku := row.get("sku"):
        return facts.by_sku.get(sku), ""
    return facts.by_gtin.get(row.get("gtin").zfill(14) if row.get("gtin") else "", (None, ""))


def _whole(text: str) -> int | None:
    number = text.removesuffix(".0")
    if not (number.isascii() and number.isdigit() and len(number) <= 13):
        return None
    return int(number) if 0 < int(number) < LARGEST else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _price(result: RowResult, facts: Facts, wanted: int) -> RowResult:
    assert result.product is not None
    trade = facts.trade.get(result.product.product_id)
    held = choose(trade.breaks, wanted) if trade else None
    if trade is None or held is None:
        lowest = f" below {trade.breaks[0].min_quantity}" if trade else ""
        problem = Problem(
            code="no_price",
            message=f"{result.sku} has no price in {facts.currency}{lowest}",
            row=result.row,
            field="sku",
            remedy="Order more of it." if trade else "Ask the operator for a price agreement.",
        )
        return replace(result, problems=(*result.problems, problem))
    net = round_to_currency(held.unit_price * result.quantity, facts.currency)
    return replace(
        result,
        factory_id=trade.factory_id,
        unit_price=held.unit_price,
        net_amount=net,
        tax_amount=round_to_currency(net * result.product.tax_rate, facts.currency),
        expected_date=facts.today + timedelta(days=0 if trade.available >= wanted else trade.lead_time_days),
        available=trade.available,
        next_break=following(trade.breaks, wanted),
        problems=(*result.problems, *_rules(result, trade, wanted)) if result.quantity else result.problems,
    )


def _rules(result: RowResult, trade: TradeFacts, wanted: int) -> list[Problem]:
    problems = []

    def fault(code: str, message: str, remedy: str) -> None:
        problems.append(Problem(code=code, message=message, row=result.row, field="quantity", remedy=remedy))

    if wanted < trade.min_quantity:
        least = smallest(wanted, minimum=trade.min_quantity, multiple=trade.order_multiple)
        fault(
            "below_minimum",
            f"{wanted} of {result.sku} is below the minimum of {trade.min_quantity}",
            f"Order at least {least} base units.",
        )
    if result.quantity % trade.order_multiple:
        nearest = round_up_to_multiple(result.quantity, trade.order_multiple)
        fault(
            "not_a_multiple",
            f"{result.quantity} of {result.sku} is no multiple of {trade.order_multiple}",
            f"Order {nearest} base units.",
        )
    if trade.max_quantity is not None and wanted > trade.max_quantity:
        fault(
            "above_maximum",
            f"{wanted} of {result.sku} is above the maximum of {trade.max_quantity}",
            f"Order at most {trade.max_quantity} base units.",
        )
    return problems
