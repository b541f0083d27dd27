"""Write a ledger as the text files of plain-text accounting: beancount and hledger.

Formats: beancount language syntax (beancount.github.io/docs/beancount_language_syntax.html), hledger journal
(hledger.org/hledger.html#journal).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from b2b.core.money import Money, exponent

ROOTS: Final = {
    "ASSET": "Assets",
    "LIABILITY": "Liabilities",
    "EQUITY": "Equity",
    "INCOME": "Income",
    "EXPENSE": "Expenses",
    "MEMO": "Equity:Memo",
}
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9-]")


@dataclass(frozen=True, slots=True)
class Place:
    """An account as it is named in the file, and its balance in minor units, debit positive."""

    type: str
    code: str
    party: str
    unit: str
    balance: int = 0

    @property
    def path(self) -> str:
        """The name: its kind, its code, its party; characters that neither format takes are written as numbers."""
        parts = [ROOTS[self.type], f"A-{_plain(self.code)}"]
        return ":".join([*parts, f"P-{_plain(self.party)}"] if self.party else parts)


@dataclass(frozen=True, slots=True)
class Transaction:
    """A posted entry."""

    id: str
    day: date
    kind: str
    text: str
    legs: tuple[tuple[Place, int], ...]


@dataclass(frozen=True, slots=True)
class Format:
    """How a file begins, how a transaction is written, and how the file ends; each in lines."""

    opening: Callable[[Sequence[Place], date, str], Iterator[str]]
    transaction: Callable[[Transaction], Iterator[str]]
    closing: Callable[[Sequence[Place], date], Iterator[str]]


def _plain(text: str) -> str:
    return _FOREIGN.sub(lambda found: f"-{ord(found[0]):x}-", text)


def _amount(minor: int, unit: str) -> str:
    return f"{Money.from_minor(minor, unit).amount:f} {unit}"


def _exactly(place: Place) -> str:
    """Write a balance that beancount allows no tolerance."""
    amount, unit = _amount(place.balance, place.unit).split()
    return f"{amount} ~ 0 {unit}"


def _quoted(text: str) -> str:
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _beancount_opening(places: Sequence[Place], first: date, title: str) -> Iterator[str]:
    yield f'option "title" {_quoted(title)}'
    units: dict[str, list[str]] = {}
    for place in places:
        units.setdefault(place.path, []).append(place.unit)
    for unit in sorted({place.unit for place in places}):
        yield f'option "operating_currency" "{unit}"'
    for path, known in units.items():
        yield f"{first} open {path} {','.join(sorted(known))}"


def _beancount_transaction(posted: Transaction) -> Iterator[str]:
    yield ""
    yield f"{posted.day} * {_quoted(posted.kind)} {_quoted(posted.text)}"
    yield f'  id: "{posted.id}"'
    for place, minor in posted.legs:
        yield f"  {place.path}  {_amount(minor, place.unit)}"


def _beancount_closing(places: Sequence[Place], last: date) -> Iterator[str]:
    yield ""
    for place in places:
        yield f"{last + timedelta(days=1)} balance {place.path}  {_exactly(place)}"


def _hledger_opening(places: Sequence[Place], _first: date, title: str) -> Iterator[str]:
    yield f"; {' '.join(title.split())}"
    for unit in sorted({place.unit for place in places}):
        yield f"commodity 1000.{'0' * exponent(unit)} {unit}"
    for path in dict.fromkeys(place.path for place in places):
        yield f"account {path}"


def _hledger_transaction(posted: Transaction) -> Iterator[str]:
    said = " ".join(posted.text.replace(";", ",").replace("|", "/").split())
    yield ""
    yield f"{posted.day} * ({posted.id}) {posted.kind} | {said}".rstrip()
    for place, minor in posted.legs:
        yield f"    {place.path}  {_amount(minor, place.unit)}"


def _hledger_closing(places: Sequence[Place], last: date) -> Iterator[str]:
    yield ""
    yield f"{last} * balances as the ledger keeps them"
    for place in places:
        yield f"    {place.path}  {_amount(0, place.unit)} = {_amount(place.balance, place.unit)}"


FORMATS: Final = {
    "beancount": Format(_beancount_opening, _beancount_transaction, _beancount_closing),
    "hledger": Format(_hledger_opening, _hledger_transaction, _hledger_closing),
}
