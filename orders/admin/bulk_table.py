"""The preview of a bulk order as a table: faults first and in place, then the beginning of the good rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.core.errors import Problem
from orders.policies.raw_row import RawRow
from orders.policies.row_result import RowResult
from orders.services.bulk_order import Preview

EDITABLE_FAULTS: Final = 150  # four to six inputs each; a request may carry a thousand fields
SHOWN_FAULTS: Final = 1_000
SHOWN_GOOD: Final = 100
INPUTS: Final = ("sku", "quantity", "unit")
LABELS: Final = {
    "gtin": gettext_lazy("GTIN"),
    "buyers_code": gettext_lazy("Your code"),
    "ship_to": gettext_lazy("Ship to"),
    "need_by_date": gettext_lazy("Needed by"),
    "max_unit_price": gettext_lazy("Highest unit price"),
    "flex_up": gettext_lazy("Takes so much more"),
    "flex_down": gettext_lazy("Takes so much less"),
    "options": gettext_lazy("Options"),
    "all_or_nothing": gettext_lazy("All or nothing"),
    "currency": gettext_lazy("Currency"),
}


@dataclass(frozen=True, slots=True)
class Input:
    """A cell that can be changed in place."""

    name: str
    field: str
    value: str
    faults: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One row as the page shows it."""

    number: int
    product: str
    sku: str
    inputs: dict[str, Input]
    mends: tuple[tuple[Any, Input], ...]
    same_as: str
    entered: str
    unit: str
    base: str
    price: str
    next_break: str
    stock: str
    stock_tone: str
    expected: str
    net: str
    problems: tuple[Problem, ...]
    others: tuple[Problem, ...]

    @property
    def is_bad(self) -> bool:
        """Whether the row cannot be ordered as it is."""
        return bool(self.problems)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is shown of a preview, and how much is not."""

    rows: tuple[Shown, ...]
    good: int
    bad: int
    hidden_good: int
    hidden_bad: int


def sheet_of(preview: Preview, raw: Sequence[RawRow]) -> Sheet:
    """Lay out a preview: all faulty rows (up to a bound), then the first good ones, in the order of the list."""
    texts = {row.number: row for row in raw}
    bad = [row for row in preview.rows if not row.ok]
    good = list(preview.good)
    shown_bad = [
        _shown(row, texts[row.row], preview.currency, editable=index < EDITABLE_FAULTS)
        for index, row in enumerate(bad[:SHOWN_FAULTS])
    ]
    shown_good = [_shown(row, texts[row.row], preview.currency, editable=False) for row in good[:SHOWN_GOOD]]
    return Sheet(
        rows=(*shown_bad, *shown_good),
        good=len(good),
        bad=len(bad),
        hidden_good=max(0, len(good) - SHOWN_GOOD),
        hidden_bad=max(0, len(bad) - SHOWN_FAULTS),
    )


def _shown(row: RowResult, raw: RawRow, currency: str, *, editable: bool) -> Shown:
    inputs = {name: _input(name, row, raw) for name in INPUTS} if editable else {}
    faulty = {problem.field for problem in row.problems} if editable else set()
    mends = {name: _input(name, row, raw) for name in LABELS if name in faulty}
    if not editable and row.ok:
        inputs = {"quantity": _input("quantity", row, raw)}
    stock, tone = _stock(row)
    problems = _plain(row.problems)
    return Shown(
        number=row.row,
        product=row.product.name if row.product else "",
        sku=row.sku,
        inputs=inputs,
        mends=tuple((LABELS[name], one) for name, one in mends.items()),
        same_as=_("same goods as row %(row)d; both are ordered") % {"row": row.same_as_row}
        if row.same_as_row
        else "",
        entered=f"{raw.get('quantity')} {row.entered_unit}".strip(),
        unit=row.entered_unit,
        base=_base(row),
        price=cells.price(row.unit_price, currency),
        next_break=_next_break(row, currency),
        stock=stock,
        stock_tone=tone,
        expected=cells.day(row.expected_date),
        net=cells.money(row.net_amount, currency) if row.unit_price is not None else cells.NOTHING,
        problems=problems,
        others=tuple(problem for problem in problems if problem.field not in {*inputs, *mends}),
    )


def _input(name: str, row: RowResult, raw: RawRow) -> Input:
    text = raw.get(name) or (row.sku if name == "sku" and not raw.get("gtin") else "")
    faults = tuple(problem for problem in _plain(row.problems) if problem.field == name)
    return Input(f"row-{row.row}-{name}", name, text, faults)


def _plain(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Leave out what only follows from another fault: without a quantity there is no price either."""
    if all(problem.code != "invalid_quantity" for problem in problems):
        return problems
    return tuple(problem for problem in problems if problem.code != "no_price")


def _base(row: RowResult) -> str:
    if row.product is None or row.pack_units == 1:
        return ""
    return _("= %(quantity)s %(unit)s") % {
        "quantity": cells.quantity(row.quantity),
        "unit": row.product.base_unit,
    }


def _next_break(row: RowResult, currency: str) -> str:
    if row.next_break is None:
        return ""
    return _("%(price)s for %(quantity)s more") % {
        "price": cells.price(row.next_break.unit_price, currency),
        "quantity": cells.quantity(row.units_to_next_break),
    }


def _stock(row: RowResult) -> tuple[Any, str]:
    if row.product is None or not row.quantity:
        return cells.NOTHING, ""
    if row.available >= row.quantity:
        return _("in stock"), "good"
    if row.available > 0:
        return _("%(count)s in stock") % {"count": cells.quantity(row.available)}, "warn"
    return _("from the factory"), "busy"
