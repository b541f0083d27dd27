"""What a bank tells: lines, and the statements they belong to, whatever the format they came in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from b2b.core.errors import Invalid, Problem
from b2b.core.money import exponent

LARGEST_DIGITS: Final = 14


class BadStatement(Invalid):
    """The file is no bank statement we can read in full, so nothing of it was taken."""

    code = "bad_statement"


def bad(message: str, row: int | None = None) -> BadStatement:
    """Return the refusal of a file, naming the line of the file."""
    where = f"line {row}: " if row else ""
    return BadStatement(f"{where}{message}", problems=[Problem("bad_statement", message, row=row)])


class Kind(StrEnum):
    """What a bank promises with a message: only a statement is booked for good and carries balances."""

    STATEMENT = "STATEMENT"
    REPORT = "REPORT"
    NOTIFICATION = "NOTIFICATION"


@dataclass(frozen=True, slots=True)
class BankLine:
    """One booked movement, signed; money in is positive.

    `instructed_amount` is what the payer ordered, where the bank exchanged or deducted; `charges_amount` what the bank
    says it kept; `is_return` marks money that comes back or is taken back.
    """

    booking_date: date
    value_date: date
    currency: str
    amount: Decimal
    end_to_end_id: str = ""
    bank_reference: str = ""
    structured_reference: str = ""
    remittance_text: str = ""
    counterparty_name: str = ""
    counterparty_identifier: str = ""
    transaction_code: str = ""
    is_return: bool = False
    instructed_amount: Decimal | None = None
    instructed_currency: str = ""
    charges_amount: Decimal | None = None

    def fingerprint(self) -> str:
        """Return the SHA-256 of what the bank says about the movement, the same in each format that says it."""
        parts = (
            self.booking_date.isoformat(),
            self.value_date.isoformat(),
            self.currency,
            f"{self.amount:.5f}",
            self.end_to_end_id,
            self.bank_reference,
            self.structured_reference,
            self.remittance_text,
            self.counterparty_name,
            self.counterparty_identifier,
        )
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@dataclass(slots=True)
class Content:
    """What a statement's lines come to, counted while they pass; `prints` is the sum of their fingerprints."""

    lines: int = 0
    total: Decimal = Decimal(0)
    prints: int = 0
    currencies: set[str] = field(default_factory=set)
    first_date: date | None = None
    last_date: date | None = None

    def add(self, line: BankLine) -> str:
        """Count a line and return its fingerprint."""
        fingerprint = line.fingerprint()
        self.lines += 1
        self.total += line.amount
        self.prints = (self.prints + int(fingerprint, 16)) % 2**256
        self.currencies.add(line.currency)
        self.first_date = min(self.first_date or line.booking_date, line.booking_date)
        self.last_date = max(self.last_date or line.booking_date, line.booking_date)
        return fingerprint


@dataclass(slots=True)
class Statement:
    """One statement of one account in one currency, without its lines: these were told before it.

    `account` is as the bank writes it, `known_as` the other ways the same account may be named here. A balance that the
    bank did not give is None, which is a problem unless the format cannot give it.
    """

    kind: Kind
    format: str
    statement_id: str
    message_id: str
    account: str
    currency: str
    opening: Decimal | None
    closing: Decimal | None
    as_of: date
    known_as: tuple[str, ...] = ()
    must_prove: bool = True
    content: Content = field(default_factory=Content)

    @property
    def first_date(self) -> date:
        """The first booking date, or the balance's when nothing moved."""
        return self.content.first_date or self.as_of

    @property
    def last_date(self) -> date:
        """The last booking date, or the balance's when nothing moved."""
        return self.content.last_date or self.as_of

    def problem(self) -> str:
        """Say why the lines may not be booked as they stand; empty when the statement proves itself."""
        if self.kind is not Kind.STATEMENT or not self.must_prove:
            return ""
        if self.opening is None or self.closing is None:
            missing = "opening" if self.opening is None else "closing"
            return f"it names no {missing} balance, so that its lines prove nothing"
        off = self.opening + self.content.total - self.closing
        return f"opening balance and lines miss the closing balance by {off} {self.currency}" if off else ""

    def digest(self) -> str:
        """Return the SHA-256 of the content: the same in whatever order, and however the file around it is written."""
        head = (
            self.statement_id,
            self.account,
            self.currency,
            str(self.kind),
            *map(_plain, self._balances()),
        )
        return hashlib.sha256("\x1f".join((*head, f"{self.content.prints:064x}")).encode()).hexdigest()

    def _balances(self) -> tuple[Decimal | None, Decimal | None]:
        return self.opening, self.closing


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.5f}"


def amount(raw: str, currency: str, row: int | None = None) -> Decimal:
    """Return an unsigned amount at the precision of its currency.

    :raises BadStatement: when it is no number, negative, too large or finer than the currency can be.
    """
    try:
        value = Decimal(raw)
    except ArithmeticError:
        raise bad(f"{raw!r} is no amount", row) from None
    if not value.is_finite() or value < 0 or value.adjusted() > LARGEST_DIGITS:
        raise bad(f"{raw!r} is no amount", row)
    rounded = round(value, exponent(currency))
    if value != rounded:
        raise bad(f"{raw} is finer than {currency} can be", row)
    return rounded  # not the value itself: a zero may be written with a million decimals
