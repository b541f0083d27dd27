"""What a cell of an order says: a quantity, a day, a price, options; or why it cannot be taken as it is."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

LARGEST: Final = 10**12
LONGEST_OPTION: Final = 200

_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:[,.'’ ][0-9]{3})+(?:[.,]0+)?")
_FRACTION: Final = re.compile(r"[0-9]*[.,][0-9]+")
_PRICE: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_YEAR_FIRST: Final = re.compile(r"(\d{4})\s*[./年-]\s*(\d{1,2})\s*[./月-]\s*(\d{1,2})日?")
_DAY_LIKE: Final = re.compile(r"\d.*[./年月-].*\d|\d\s*[A-Za-z]{3,9}|[A-Za-z]{3,9}\.?\s*\d")
_YES: Final = frozenset({"yes", "y", "true", "1", "x", "是"})
_NO: Final = frozenset({"", "no", "n", "false", "0", "否"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell cannot be taken, and how to mend it; which row it is in comes later."""

    code: str
    field: str
    message: str
    remedy: str


def plain(text: str) -> str:
    """Return a text trimmed, with full-width digits, letters and signs as narrow ones (Unicode NFKC)."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def whole(text: str, field: str = "quantity") -> int | Fault:
    """Read a whole number above zero, at most LARGEST; `5.0` is what a spreadsheet writes for 5."""
    told = plain(text)
    digits = told[:-2] if told.endswith(".0") else told.removesuffix(".00")
    if digits.isascii() and digits.isdigit() and len(digits) <= 20:
        number = int(digits)
        if number > LARGEST:
            return Fault("quantity_too_large", field, f"{told} is more than anyone can order",
                         f"Enter at most {LARGEST}.")  # fmt: skip
        if number:
            return number
    return _no_whole(told, field)


def _no_whole(told: str, field: str) -> Fault:
    if told.startswith(("=", "@")):
        return Fault("formula", field, f"{told} is a formula", "Enter the number it comes to.")
    if _GROUPED.fullmatch(told):
        bare = re.sub(r"[^0-9]", "", re.sub(r"[.,]0{1,2}$", "", told))
        return Fault("thousands_separator", field, f"{told} has a separator that may mean thousands or decimals",
                     f"Write {bare} if that is meant, without a separator.")  # fmt: skip
    if _FRACTION.fullmatch(told):
        return Fault("decimal_quantity", field, f"{told} is not a whole number",
                     "Order whole units; name a smaller unit for a part of a pack.")  # fmt: skip
    shown = told or "an empty cell"
    return Fault("invalid_quantity", field, f"{shown} is not a whole number above zero",
                 "Enter a whole number of the unit.")  # fmt: skip


def day(text: str, today: date) -> date | Fault | None:
    """Read a day to come as ISO 8601 writes it; None for an empty cell."""
    told = plain(text)
    if not told:
        return None
    try:
        found = date.fromisoformat(told[:10])
    except ValueError:
        return _no_day(told)
    if found < today:
        return Fault("date_in_the_past", "need_by_date", f"{told} is past", "Enter a day to come.")
    return found


def _no_day(told: str) -> Fault:
    if not (_DAY_LIKE.search(told) or told.isdigit()):
        return Fault("invalid_date", "need_by_date", f"{told} is no date", "Write it as 2026-12-31.")
    remedy = "Write year, month and day as 2026-12-31, or give the cell a date format."
    if told_year_first := _YEAR_FIRST.fullmatch(told):
        remedy = "Write it as {}-{:0>2}-{:0>2}.".format(*told_year_first.groups())
    return Fault("date_as_text", "need_by_date",
                 f"{told} is a text that could mean more than one day", remedy)  # fmt: skip


def price(text: str) -> Decimal | Fault | None:
    """Read the highest price of a base unit, with a decimal point; None for an empty cell."""
    told = plain(text)
    if not told:
        return None
    if _PRICE.fullmatch(told) and (found := Decimal(told)):
        return found
    if re.fullmatch(r"[0-9]+,[0-9]+", told):
        return Fault("decimal_comma", "max_unit_price", f"{told} has a decimal comma",
                     f"Write {told.replace(',', '.')}.")  # fmt: skip
    return Fault("invalid_price", "max_unit_price", f"{told} is no price above zero",
                 "Write it as 12.50, with at most six decimals and no currency.")  # fmt: skip


def flag(text: str, field: str) -> bool | Fault:
    """Read yes or no; an empty cell is no."""
    told = plain(text).lower()
    if told in _YES:
        return True
    if told in _NO:
        return False
    return Fault("invalid_flag", field, f"{told[:80]} is neither yes nor no", "Write yes or no.")


def options(text: str, allowed: Mapping[str, Any]) -> dict[str, str] | Fault:
    """Read `colour=red; size=L` or a JSON object, and check it by the product's attribute `options`.

    `allowed` maps the name of an option to the list of its values, or to null when any text may be told.
    """
    told = text.strip()
    if not told:
        return {}
    pairs = _pairs(told)
    if pairs is None:
        return Fault("invalid_options", "options", f"{told[:80]} names no options",
                     "Write them as colour=red; size=L.")  # fmt: skip
    for name, value in pairs.items():
        if name not in allowed:
            known = ", ".join(allowed) or "none"
            return Fault("unknown_option", "options", f"{name[:80]} is no option of this product",
                         f"Its options: {known}.")  # fmt: skip
        values = allowed[name]
        if (values is not None and value not in values) or not 0 < len(value) <= LONGEST_OPTION:
            choice = ", ".join(map(str, values or ())) or f"a text of up to {LONGEST_OPTION} characters"
            return Fault("invalid_option", "options", f"{name} cannot be {value[:80] or 'empty'}",
                         f"It may be {choice}.")  # fmt: skip
    return pairs


def _pairs(told: str) -> dict[str, str] | None:
    if told.startswith("{"):
        try:
            found = json.loads(told)
        except ValueError:
            return None
        if any(isinstance(value, (dict, list)) or value is None for value in found.values()):
            return None
        return {name.strip(): str(value).strip() for name, value in found.items()}
    parts = [part.partition("=") for part in re.split(r"[;\n]", told) if part.strip()]
    if not all(name.strip() and sign for name, sign, _ in parts):
        return None
    return {name.strip(): value.strip() for name, _, value in parts}
