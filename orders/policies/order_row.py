"""Judge the rows of an order: each gets a result, each fault its row, field and remedy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from b2b.core.errors import Problem
from b2b.core.money import round_to_currency
from b2b.core.quantity import round_up_to_multiple
from orders.policies.order_facts import Facts, ProductFacts, TradeFacts
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


@dataclass(slots=True)
class _Entry:
    """A row as read, before it has a price."""

    row: int
    sku: str
    product: ProductFacts | None
    entered_quantity: int
    entered_unit: str
    pack_units: int
    quantity: int
    ship_to_site_id: int | None
    need_by_date: date | None
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a product costs all rows of the order that want it."""

    trade: TradeFacts | None
    wanted: int
    held: Break | None
    next_break: Break | None
    expected_date: date | None


def judge(rows: Sequence[RawRow], facts: Facts) -> list[RowResult]:
    """Return one result per row, in order. The price break and the minimum hold on the order's sum of a product."""
    entries = [_read(row, facts) for row in rows]
    wanted: dict[int, int] = defaultdict(int)
    for entry in entries:
        if entry.product:
            wanted[entry.product.product_id] += entry.quantity
    offers = {
        product_id: _offer(facts.trade.get(product_id), quantity, facts)
        for product_id, quantity in wanted.items()
    }
    return [
        _price(entry, facts, offers[entry.product.product_id]) if entry.product else _result(entry)
        for entry in entries
    ]


def _offer(trade: TradeFacts | None, wanted: int, facts: Facts) -> _Offer:
    if trade is None:
        return _Offer(None, wanted, None, None, None)
    return _Offer(
        trade=trade,
        wanted=wanted,
        held=choose(trade.breaks, wanted),
        next_break=following(trade.breaks, wanted),
        expected_date=facts.today + timedelta(days=0 if trade.available >= wanted else trade.lead_time_days),
    )


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


def _read(row: RawRow, facts: Facts) -> _Entry:
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
    quantity = row.get("quantity")
    entered = _whole(quantity)
    if entered is None:
        fault(
            "invalid_quantity",
            "quantity",
            f"{quantity or 'an empty cell'} is not a whole number above zero",
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
    ship_to = row.get("ship_to")
    site = facts.sites.get(ship_to) if ship_to else facts.ship_to_site_id
    if site is None:
        fault("unknown_site", "ship_to", f"{ship_to or 'no site'} is none of your sites",
              "Use the code of one of your sites.")  # fmt: skip
    need_by = None
    if text := row.get("need_by_date"):
        need_by = _day(text)
        if need_by is None:
            fault("invalid_date", "need_by_date", f"{text} is no date", "Write it as 2026-12-31.")
        elif need_by < facts.today:
            fault("date_in_the_past", "need_by_date", f"{text} is past", "Enter a day to come.")
    return _Entry(
        row=row.number,
        sku=product.sku if product else row.get("sku") or row.get("gtin"),
        product=product,
        entered_quantity=entered or 0,
        entered_unit=unit,
        pack_units=pack_units or 1,
        quantity=(entered or 0) * (pack_units or 1),
        ship_to_site_id=site,
        need_by_date=need_by,
        problems=problems,
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


def _price(entry: _Entry, facts: Facts, offer: _Offer) -> RowResult:
    assert entry.product is not None
    trade, held = offer.trade, offer.held
    if trade is not None and not offer.wanted:
        return _result(entry)  # its quantity is no number, which is said already; a price says nothing more
    if trade is None or held is None:
        lowest = f" below {trade.breaks[0].min_quantity}" if trade else ""
        entry.problems.append(
            Problem(
                code="no_price",
                message=f"{entry.sku} has no price in {facts.currency}{lowest}",
                row=entry.row,
                field="sku",
                remedy="Order more of it." if trade else "Ask the operator for a price agreement.",
            )
        )
        return _result(entry)
    if entry.quantity:
        entry.problems += _rules(entry, trade, offer.wanted)
    net = round_to_currency(held.unit_price * entry.quantity, facts.currency)
    return _result(
        entry,
        factory_id=trade.factory_id,
        unit_price=held.unit_price,
        net_amount=net,
        tax_amount=round_to_currency(net * entry.product.tax_rate, facts.currency),
        expected_date=offer.expected_date,
        available=trade.available,
        next_break=offer.next_break,
    )


def _result(entry: _Entry, **priced: Any) -> RowResult:
    return RowResult(
        row=entry.row,
        sku=entry.sku,
        product=entry.product,
        entered_quantity=entry.entered_quantity,
        entered_unit=entry.entered_unit,
        pack_units=entry.pack_units,
        quantity=entry.quantity,
        ship_to_site_id=entry.ship_to_site_id,
        need_by_date=entry.need_by_date,
        problems=tuple(entry.problems),
        **priced,
    )


def _rules(result: _Entry, trade: TradeFacts, wanted: int) -> list[Problem]:
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
