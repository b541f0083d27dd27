"""Judge the rows of a price list: one row is one break, rows of one scope and first day are one agreement."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Final

from b2b.core.errors import Problem
from orders.policies.pricing import Break
from orders.policies.raw_row import RawRow

COLUMNS: Final = (
    "seller", "buyer", "group", "sku", "currency", "priority", "valid_from", "valid_to", "min_quantity", "unit_price",
)  # fmt: skip
NEEDED: Final = ("sku", "unit_price")
LARGEST_QUANTITY: Final = 10**12
LARGEST_PRICE: Final = Decimal(10) ** 12
LARGEST_PRIORITY: Final = 32_767
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Known:
    """Keys by the code a row may name; `seller_id` and `currency` stand for rows that name none."""

    sellers: Mapping[str, int]
    buyers: Mapping[str, int]
    groups: Mapping[str, int]
    products: Mapping[str, int]
    seller_id: int | None
    currency: str
    today: date


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """What two agreements must not have in common on one day; `audience` as `PriceAgreement` writes it."""

    seller_id: int
    audience: int
    product_id: int
    currency: str
    priority: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An agreement as rows ask for it; `row` is the first of them."""

    scope: Scope
    valid_from: date
    valid_to: date | None
    breaks: tuple[Break, ...]
    row: int
    sku: str

    @property
    def ends(self) -> date:
        """The last day, the last of all days for no end."""
        return self.valid_to or date.max

    @property
    def steps(self) -> list[list[int | Decimal]]:
        """The break table as pairs of quantity and price."""
        return [[step.min_quantity, step.unit_price] for step in self.breaks]


@dataclass(frozen=True, slots=True)
class Judged:
    """The agreements that rows ask for, and every fault with its row, field and remedy."""

    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Row:
    number: int
    sku: str
    problems: list[Problem] = field(default_factory=list)

    def fault(self, code: str, name: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(code=code, message=message, row=self.number, field=name, remedy=remedy))


@dataclass(slots=True)
class _Table:
    """Rows of one scope and first day."""

    row: int
    sku: str
    valid_to: date | None
    breaks: dict[int, Decimal]


def judge(rows: Sequence[RawRow], known: Known) -> Judged:
    """Return the agreements of the good rows and the faults of the others; none of them is dropped unsaid.

    Promise: breaks of a draft ascend, drafts of one scope share no day, and a draft is made of rows without faults.
    """
    tables: dict[tuple[Scope, date], _Table] = {}
    problems: list[Problem] = []
    for raw in rows:
        row = _Row(raw.number, raw.get("sku"))
        _add(raw, row, known, tables)
        problems += row.problems
    drafts = [
        Draft(
            scope, valid_from, table.valid_to,
            tuple(Break(quantity, price) for quantity, price in sorted(table.breaks.items())), table.row, table.sku,
        )
        for (scope, valid_from), table in tables.items()
    ]  # fmt: skip
    drafts.sort(key=lambda draft: (draft.scope, draft.valid_from))
    problems += _overlaps(drafts)
    return Judged(tuple(drafts), tuple(sorted(problems, key=lambda problem: problem.row or 0)))


def _add(raw: RawRow, row: _Row, known: Known, tables: dict[tuple[Scope, date], _Table]) -> None:
    scope = _scope(raw, row, known)
    valid_from = _day(raw, row, "valid_from") or known.today
    valid_to = _day(raw, row, "valid_to")
    quantity = _whole(raw, row, "min_quantity", 1, LARGEST_QUANTITY)
    price = _price(raw, row)
    if valid_to and valid_to < valid_from:
        row.fault(
            "ends_before_it_begins",
            "valid_to",
            f"{valid_to} is before {valid_from}",
            "Enter a later last day.",
        )
    if row.problems or scope is None or price is None:
        return
    table = tables.setdefault((scope, valid_from), _Table(row.number, row.sku, valid_to, {}))
    if table.valid_to != valid_to:
        row.fault(
            "different_ends", "valid_to", f"row {table.row} ends the same agreement on another day",
            "Enter one last day for all rows of an agreement.",
        )  # fmt: skip
    elif quantity in table.breaks:
        row.fault(
            "repeated_break",
            "min_quantity",
            f"there is a price from {quantity} already",
            "Leave one of the two.",
        )
    else:
        table.breaks[quantity] = price


def _scope(raw: RawRow, row: _Row, known: Known) -> Scope | None:
    product_id = known.products.get(row.sku)
    if product_id is None:
        row.fault(
            "unknown_product",
            "sku",
            f"{row.sku or 'an empty cell'} is no product",
            "Use a SKU of the catalogue.",
        )
    seller_id = known.sellers.get(raw.get("seller")) if raw.get("seller") else known.seller_id
    if seller_id is None:
        row.fault(
            "unknown_seller", "seller", f"{raw.get('seller') or 'an empty cell'} is no factory you may write for",
            "Use the code of a factory.",
        )  # fmt: skip
    audience = _audience(raw, row, known)
    currency = raw.get("currency").upper() or known.currency
    if not _CURRENCY.fullmatch(currency):
        row.fault(
            "invalid_currency", "currency", f"{currency} is no currency", "Use an ISO 4217 code such as CNY."
        )
    priority = _whole(raw, row, "priority", 0, LARGEST_PRIORITY)
    if product_id is None or seller_id is None or audience is None:
        return None
    return Scope(seller_id, audience, product_id, currency, priority)


def _audience(raw: RawRow, row: _Row, known: Known) -> int | None:
    buyer, group = raw.get("buyer"), raw.get("group")
    if buyer and group:
        row.fault("two_audiences", "group", "a buyer and a group are named", "Leave one of the two empty.")
        return None
    if buyer:
        if buyer not in known.buyers:
            row.fault("unknown_buyer", "buyer", f"{buyer} is no dealer", "Use the code of a dealer.")
        return known.buyers.get(buyer)
    if group:
        if group not in known.groups:
            row.fault(
                "unknown_group", "group", f"{group} is no buyer group", "Use the code of a buyer group."
            )
            return None
        return -known.groups[group]
    return 0


def _whole(raw: RawRow, row: _Row, name: str, smallest: int, largest: int) -> int:
    text = raw.get(name) or "1"
    number = text.removesuffix(".0")
    if not (
        number.isascii() and number.isdigit() and len(number) <= 13 and smallest <= int(number) <= largest
    ):
        row.fault(
            f"invalid_{name}",
            name,
            f"{text} is not a whole number from {smallest} to {largest}",
            "Enter a whole number.",
        )
        return 1
    return int(number)


def _price(raw: RawRow, row: _Row) -> Decimal | None:
    text = raw.get("unit_price")
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if (
        not price.is_finite()
        or not 0 <= price < LARGEST_PRICE
        or price != price.quantize(Decimal("0.000001"))
    ):
        row.fault(
            "invalid_price", "unit_price", f"{text or 'an empty cell'} is no price with at most six decimals",
            "Write it as 12.50, without a currency.",
        )  # fmt: skip
        return None
    return price


def _day(raw: RawRow, row: _Row, name: str) -> date | None:
    text = raw.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        row.fault("invalid_date", name, f"{text} is no date", "Write it as 2026-12-31.")
        return None


def _overlaps(drafts: Sequence[Draft]) -> list[Problem]:
    return [
        Problem(
            code="overlap",
            message=f"the agreement of row {before.row} for {draft.sku} still holds on {draft.valid_from}",
            row=draft.row,
            field="valid_from",
            remedy=f"End that one on {draft.valid_from - timedelta(days=1)}.",
        )
        for before, draft in pairwise(drafts)
        if before.scope == draft.scope and before.ends >= draft.valid_from
    ]
