"""Exchange by dated rates: the last one told before a day, either way round, and whether a bank's own is near it."""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from re import fullmatch
from typing import Final, NamedTuple

from b2b.core.errors import Invalid, Problem
from b2b.core.money import round_to_currency

OLDEST: Final = timedelta(days=10)  # over holidays no rates are told; what is older than that tells nothing
NEAR: Final = Decimal("0.05")  # banks keep some per cent of what they exchange
COLUMNS: Final = ("date", "base", "quote", "rate")
MOST_ROWS: Final = 10_000
_STEP: Final = Decimal("1e-10")
_LARGEST: Final = Decimal(10) ** 10


class UnreadableRates(Invalid):
    """The file holds no rates that can be taken in full; nothing of it was written."""

    code = "unreadable_rates"


class Rate(NamedTuple):
    """One unit of `base` is `rate` units of `quote` on a day."""

    date: date
    base: str
    quote: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates by pair of currencies, the oldest first."""

    table: Mapping[tuple[str, str], list[tuple[date, Decimal]]] = field(default_factory=dict)

    def of(self, base: str, quote: str, on: date) -> Decimal | None:
        """Return what a unit of one currency is worth in another: the newest told by that day, None when none is near.

        Where only the other way round is told it is one over that.
        """
        if base == quote:
            return Decimal(1)
        there, back = self._last(base, quote, on), self._last(quote, base, on)
        if there and (back is None or there[0] >= back[0]):
            return there[1]
        return 1 / back[1] if back else None

    def _last(self, base: str, quote: str, on: date) -> tuple[date, Decimal] | None:
        known = self.table.get((base, quote), [])
        place = bisect_right(known, on, key=lambda one: one[0])
        found = known[place - 1] if place else None
        return found if found and on - found[0] <= OLDEST else None


def convert(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    """Return an amount in another currency, rounded half up to its precision."""
    return round_to_currency(amount * rate, currency)


def is_near(paid: Decimal, amount: Decimal, rate: Decimal, share: Decimal = NEAR) -> bool:
    """Tell whether what was paid is what an amount is worth at a rate, give or take a share of it."""
    worth = amount * rate
    return abs(paid - worth) <= share * worth


def read(content: bytes) -> list[Rate]:
    """Read rates from CSV with the columns date, base, quote and rate.

    :raises UnreadableRates: with every fault: row, column, remedy.
    """
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        found = list(zip(range(2, MOST_ROWS + 3), rows, strict=False)) if not missing else []
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableRates(f"this is no CSV file in UTF-8: {error}") from None
    if missing or not 1 <= len(found) <= MOST_ROWS:
        told = f"there is no column {missing[0]}" if missing else f"1 to {MOST_ROWS} rows are taken"
        wrong = Problem("no_rates", told, row=1, remedy=f"name the columns {', '.join(COLUMNS)}")
        raise UnreadableRates(told, problems=[wrong])
    read_rows = [(number, _rate(row)) for number, row in found]
    problems = [
        Problem(f"bad_{fault[0]}", fault[1], row=number, field=fault[0], remedy=fault[2])
        for number, (_, faults) in read_rows
        for fault in faults
    ]
    if problems:
        raise UnreadableRates("The rates have faults; nothing was taken.", problems=problems)
    return [rate for _, (rate, _) in read_rows if rate]


def faults(rate: Rate) -> Iterable[tuple[str, str, str]]:
    """Return what is wrong with a rate: (field, what, remedy)."""
    for name, code in (("base", rate.base), ("quote", rate.quote)):
        if not fullmatch(r"[A-Z]{3}", code):
            yield name, f"{code[:10]!r} is no currency", "give three letters of ISO 4217"
    if rate.base == rate.quote:
        yield "quote", "a currency has no rate in itself", "name two currencies"
    is_sane = rate.rate.is_finite() and 0 < rate.rate < _LARGEST
    if not is_sane or rate.rate != rate.rate.quantize(_STEP):
        yield "rate", "this is no rate above zero of at most ten decimals", "write e.g. 7.8123"


def _rate(row: Mapping[str, str | None]) -> tuple[Rate | None, list[tuple[str, str, str]]]:
    day, base, quote, rate = ((row[name] or "").strip() for name in COLUMNS)
    wrong = []
    try:
        on = date.fromisoformat(day)
    except ValueError:
        on = date.min
        wrong.append(("date", f"{day[:20]!r} is no date", "write YYYY-MM-DD"))
    try:
        value = Decimal(rate)
    except InvalidOperation:
        value = Decimal(0)
    found = Rate(on, base, quote, value)
    return found, [*wrong, *faults(found)]
