"""Match bank lines to invoices: strong references first, then an amount that only one invoice of the payer has.

Nothing ambiguous is ever posted: it becomes proposals that name how many alternatives there were.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from uuid import UUID

RULE_VERSION: Final = "2026.1"
PREFIX: Final = "INV"
WORDS_IN_NUMBER: Final = 12  # a number may be written with blanks or dashes between its parts
MAX_DIGITS: Final = 18

POST: Final = "POST"
PROPOSE: Final = "PROPOSE"
CASE: Final = "CASE"


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Z0-9]+", unicodedata.normalize("NFKC", text).upper())


def series(prefix: str, issuer_code: str) -> str:
    """Return what the numbers of one issuer begin with, letters and digits only."""
    return "".join(_words(f"{prefix} {issuer_code}"))


def reference_key(of_series: str, value: int) -> str:
    """Return an invoice number as it is compared: its series and its value without leading zeros."""
    return f"{of_series}-{value}"


def references(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Find the numbers of the known series in a remittance text, in the order they stand there, each once.

    Promise: a number is found however it is spaced, dashed, cased or padded with zeros, and what follows it is never
    taken for a part of it.
    """
    words = _words(text)
    found: dict[str, None] = {}
    longest_first = sorted(known, key=lambda one: (-len(one), one))
    for start, word in enumerate(words):
        for one in longest_first:
            value = _value_after(one, word, words[start + 1 : start + WORDS_IN_NUMBER])
            if value is not None:
                found[reference_key(one, value)] = None
                break
    return tuple(found)


def _value_after(of_series: str, word: str, following: Sequence[str]) -> int | None:
    """Return the number behind a series that begins in `word` and may go on in the words that follow."""
    at = next((n for n in range(len(word)) if _agree(word[n:], of_series)), None)
    if at is None:
        return None
    joined = word[at:]
    for next_word in (*following, ""):
        if len(joined) > len(of_series):
            break
        joined += next_word
        if not of_series.startswith(joined[: len(of_series)]):
            return None
    rest = joined[len(of_series) :]
    return int(rest) if joined.startswith(of_series) and rest.isdigit() and len(rest) <= MAX_DIGITS else None


def _agree(left: str, right: str) -> bool:
    """Tell whether one begins with the other."""
    return left.startswith(right) or right.startswith(left)


@dataclass(frozen=True, slots=True)
class Credit:
    """Money in, as the bank told it; `payer_id` is the organisation when its account is known."""

    line_id: int
    currency: str
    amount: Decimal
    references: tuple[str, ...]
    payer_id: int | None = None


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An invoice with something left to pay."""

    invoice_id: UUID
    reference_key: str
    dealer_id: int
    currency: str
    open_amount: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """An amount for one invoice."""

    invoice: OpenInvoice
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with one credit, by which rule and why; `left` is what no invoice takes (an over-payment)."""

    credit: Credit
    action: str
    rule: str
    explanation: str
    parts: tuple[Part, ...] = ()
    alternatives: int = 0
    left: Decimal = Decimal(0)


@dataclass(slots=True)
class _Remaining:
    """What is still open while one credit after the other is decided."""

    invoices: dict[str, OpenInvoice]
    open: dict[str, Decimal] = field(default_factory=dict)

    def of(self, key: str) -> Decimal:
        return self.open.get(key, self.invoices[key].open_amount)


def decide(received: Sequence[Credit], invoices: Iterable[OpenInvoice]) -> list[Decision]:
    """Decide all credits in the order given; the same input gives the same decisions.

    Promise: the parts of a decision are positive and sum, with `left`, to the credit's amount when it is posted; over
    all posted decisions no invoice gets more than was open; an ambiguous credit is never posted.
    """
    known = {invoice.reference_key: invoice for invoice in invoices}
    remaining = _Remaining(known)
    by_amount: dict[tuple[int | None, str, Decimal], list[str]] = {}
    for key, invoice in known.items():
        for payer in (invoice.dealer_id, None):
            by_amount.setdefault((payer, invoice.currency, invoice.open_amount), []).append(key)
    decisions = []
    for credit in received:
        decision = _decide(credit, remaining, by_amount)
        if decision.action == POST:
            for part in decision.parts:
                key = part.invoice.reference_key
                remaining.open[key] = remaining.of(key) - part.amount
        decisions.append(decision)
    return decisions


def _decide(
    credit: Credit, remaining: _Remaining, by_amount: Mapping[tuple[int | None, str, Decimal], list[str]]
) -> Decision:
    named = [
        key
        for key in credit.references
        if key in remaining.invoices and remaining.invoices[key].currency == credit.currency
    ]
    if named:
        return _by_reference(credit, named, remaining)
    same = [
        key
        for key in by_amount.get((credit.payer_id, credit.currency, credit.amount), [])
        if remaining.of(key) == credit.amount
    ]
    parts = tuple(Part(remaining.invoices[key], credit.amount) for key in same)
    if len(same) == 1 and credit.payer_id is not None:
        return Decision(credit, POST, "amount", "the payer owes exactly this amount once", parts)
    if same:
        who = "by the payer" if credit.payer_id is not None else "by anybody"
        why = f"{len(same)} invoices open {who} have exactly this amount"
        return Decision(credit, PROPOSE, "amount", why, parts, alternatives=len(same) - 1)
    return Decision(credit, CASE, "none", "no invoice is named and none has this amount")


def _by_reference(credit: Credit, named: list[str], remaining: _Remaining) -> Decision:
    invoices = [remaining.invoices[key] for key in named]
    payable = [(invoice, remaining.of(invoice.reference_key)) for invoice in invoices]
    payable = [(invoice, left) for invoice, left in payable if left > 0]
    names = ", ".join(named)[:200]
    if not payable:
        return Decision(credit, CASE, "paid_already", f"named and already paid: {names}")
    parts = tuple(Part(invoice, left) for invoice, left in payable)
    if len({invoice.dealer_id for invoice in invoices}) > 1:
        why = f"invoices of several dealers are named: {names}"
        return Decision(credit, PROPOSE, "reference", why, _capped(credit.amount, parts), len(parts) - 1)
    owed = sum((left for _, left in payable), Decimal(0))
    if credit.amount >= owed:
        why = f"named in the text: {names}"
        return Decision(credit, POST, "reference", why, parts, left=credit.amount - owed)
    if len(payable) == 1:
        part = (Part(payable[0][0], credit.amount),)
        return Decision(credit, POST, "reference", f"named in the text, paid in part: {names}", part)
    why = f"{credit.amount} does not cover the {owed} of the invoices named: {names}"
    return Decision(credit, PROPOSE, "reference", why, _capped(credit.amount, parts), len(parts) - 1)


def _capped(amount: Decimal, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return each alternative with no more than there is to give; they are not meant to be taken together."""
    return tuple(Part(part.invoice, min(part.amount, amount)) for part in parts)
