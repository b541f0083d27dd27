"""What is received and what is owed, while one decision after the other is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from b2b.core.money import exponent, round_to_currency
from finance.policies.exchange import Rates

POST: Final = "POST"
PROPOSE: Final = "PROPOSE"
CASE: Final = "CASE"

DISCOUNT: Final = "discount"
WRITE_OFF: Final = "write_off"
FEE: Final = "fee"
EXCHANGE: Final = "exchange"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a payment may be off and still settle: minor units for slips, a share for exchange."""

    write_off_minor: int = 5
    exchange_share: Decimal = Decimal("0.01")

    def write_off(self, currency: str) -> Decimal:
        """Return the largest amount that is written off, in the currency."""
        return Decimal(self.write_off_minor).scaleb(-exponent(currency))


@dataclass(frozen=True, slots=True)
class Discount:
    """What a dealer may keep when it pays early: a fraction, within so many days of the invoice."""

    rate: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class Credit:
    """Money in, as the bank told it; `payer_id` is the organisation when its account or its exact name is known.

    `verified` are the references whose check digits agree; `charges` what the bank says it kept, `instructed` what was
    ordered in which currency.
    """

    line_id: int
    currency: str
    amount: Decimal
    references: tuple[str, ...]
    payer_id: int | None = None
    value_date: date = date.max
    verified: frozenset[str] = frozenset()
    fragments: frozenset[str] = frozenset()
    charges: Decimal = Decimal(0)
    instructed: tuple[Decimal, str] | None = None


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An invoice with something left to pay."""

    invoice_id: UUID
    reference_key: str
    dealer_id: int
    currency: str
    open_amount: Decimal
    issue_date: date = date.min
    due_date: date = date.max

    @property
    def digits(self) -> str:
        """The digits of its number, without the series."""
        return self.reference_key.rpartition("-")[2]


@dataclass(frozen=True, slots=True)
class Part:
    """What one invoice loses, what of it is paid (in the currency of the credit), and what the rest is."""

    invoice: OpenInvoice
    amount: Decimal
    paid: Decimal
    adjustments: tuple[tuple[str, Decimal], ...] = ()

    @classmethod
    def whole(cls, invoice: OpenInvoice, amount: Decimal) -> Part:
        """Return a part that is paid in full in the invoice's own currency."""
        return cls(invoice, amount, amount)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with one credit, by which rule and why; `left` is what no invoice takes (an over-payment).

    A proposal's `choices` are the sets of parts that would do, the likeliest first; decisions of one `group` belong
    together.
    """

    credit: Credit
    action: str
    rule: str
    explanation: str
    parts: tuple[Part, ...] = ()
    alternatives: int = 0
    left: Decimal = Decimal(0)
    choices: tuple[tuple[Part, ...], ...] = ()
    group: int = 0


@dataclass(slots=True)
class OpenItems:
    """The invoices, what is left of them, and where to find them by amount and by dealer; `named` have a payment."""

    tolerance: Tolerance = field(default_factory=Tolerance)
    discounts: Mapping[int, Discount] = field(default_factory=dict)
    rates: Rates = field(default_factory=Rates)
    invoices: dict[str, OpenInvoice] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    _left: dict[str, Decimal] = field(default_factory=dict)
    _by_amount: dict[tuple[str, Decimal], dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    _by_dealer: dict[tuple[int, str], dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, invoices: Iterable[OpenInvoice]) -> None:
        """Take invoices in; those of a dealer are to come in the order they fall due."""
        for one in invoices:
            self.invoices[one.reference_key] = one
            self._left[one.reference_key] = one.open_amount
            if one.open_amount > 0:
                self._by_amount[one.currency, one.open_amount][one.reference_key] = None
                self._by_dealer[one.dealer_id, one.currency][one.reference_key] = None

    def left(self, key: str) -> Decimal:
        """Return what is still open of an invoice."""
        return self._left[key]

    def take(self, decision: Decision) -> None:
        """Lower what the parts of a posted decision settle."""
        for part in decision.parts:
            key, before = part.invoice.reference_key, self._left[part.invoice.reference_key]
            self._by_amount[part.invoice.currency, before].pop(key, None)
            self._left[key] = before - part.amount
            if self._left[key] > 0:
                self._by_amount[part.invoice.currency, self._left[key]][key] = None
            else:
                self._by_dealer[part.invoice.dealer_id, part.invoice.currency].pop(key, None)

    def of_amount(self, currency: str, amount: Decimal) -> list[OpenInvoice]:
        """Return the invoices with exactly this amount open."""
        return [self.invoices[key] for key in self._by_amount.get((currency, amount), ())]

    def of_dealer(self, dealer_id: int, currency: str) -> list[OpenInvoice]:
        """Return what a dealer owes, what falls due first at the head."""
        return [self.invoices[key] for key in self._by_dealer.get((dealer_id, currency), ())]

    def whole(self, invoices: Iterable[OpenInvoice]) -> tuple[Part, ...]:
        """Return all that is left of the invoices as parts."""
        return tuple(Part.whole(one, self._left[one.reference_key]) for one in invoices)

    def discount(self, invoice: OpenInvoice, on: date) -> Decimal:
        """Return what the dealer may keep of an invoice when it pays on a day; zero without terms or too late."""
        terms = self.discounts.get(invoice.dealer_id)
        if terms is None or on > invoice.issue_date + timedelta(terms.days):
            return Decimal(0)
        return round_to_currency(self._left[invoice.reference_key] * terms.rate, invoice.currency)
