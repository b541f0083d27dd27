"""Amounts of a bill: lines, tax per category and rate, totals (EN 16931-1, rules BR-CO-10 to BR-CO-17)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from b2b.core.money import round_to_currency

# UN/ECE 5305, as far as EN 16931 allows them.
STANDARD: Final = "S"
ZERO: Final = "Z"
EXEMPT: Final = "E"
REVERSE_CHARGE: Final = "AE"
INTRA_COMMUNITY: Final = "K"
EXPORT: Final = "G"
OUT_OF_SCOPE: Final = "O"
CATEGORIES: Final = (STANDARD, ZERO, EXEMPT, REVERSE_CHARGE, INTRA_COMMUNITY, EXPORT, OUT_OF_SCOPE)


class Tax(NamedTuple):
    """How something is taxed: a category (UN/ECE 5305) and a rate as a fraction; only STANDARD has one above zero."""

    category: str
    rate: Decimal


class Amount(NamedTuple):
    """An amount before tax and how it is taxed: a line, an allowance or a charge."""

    tax: Tax
    net_amount: Decimal


@dataclass(frozen=True, slots=True)
class Subtotal:
    """What is taxed at one rate (BG-23)."""

    tax_rate: Decimal
    taxable_amount: Decimal
    tax_amount: Decimal
    category: str = STANDARD


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of a document; gross = net + tax, tax = sum over the rates, payable = gross - prepaid + rounding."""

    net_amount: Decimal
    tax_amount: Decimal
    gross_amount: Decimal
    subtotals: tuple[Subtotal, ...]
    line_amount: Decimal = Decimal(0)
    allowance_amount: Decimal = Decimal(0)
    charge_amount: Decimal = Decimal(0)
    prepaid_amount: Decimal = Decimal(0)
    rounding_amount: Decimal = Decimal(0)

    @property
    def payable_amount(self) -> Decimal:
        """What is left to be paid (BT-115)."""
        return self.gross_amount - self.prepaid_amount + self.rounding_amount


def line_net(quantity: int, unit_price: Decimal, currency: str) -> Decimal:
    """Return the net amount of a line (BT-131), rounded half up to the currency's precision."""
    return round_to_currency(quantity * unit_price, currency)


def plain(rate: Decimal) -> Tax:
    """Return how goods sold at home are taxed: at the standard category, or at zero."""
    return Tax(STANDARD if rate else ZERO, rate)


def totals(lines: Iterable[tuple[Decimal, Decimal]], currency: str) -> Totals:
    """Sum (tax rate, net amount) lines of a sale at home; see `totals_of`."""
    return totals_of([Amount(plain(rate), net) for rate, net in lines], currency)


def totals_of(
    lines: Iterable[Amount],
    currency: str,
    *,
    allowances: Iterable[Amount] = (),
    charges: Iterable[Amount] = (),
    prepaid: Decimal = Decimal(0),
    rounding: Decimal = Decimal(0),
) -> Totals:
    """Sum lines, allowances and charges of a document; tax is computed once per rate on its sum (BR-CO-17).

    Promise: the order of the lines does not matter, and the sums of the subtotals are the totals.
    """
    taxable: dict[Tax, Decimal] = {}
    sums = []
    for sign, amounts in ((1, lines), (-1, allowances), (1, charges)):
        total = Decimal(0)
        for how, net in amounts:
            taxable[how] = taxable.get(how, Decimal(0)) + sign * net
            total += net
        sums.append(total)
    subtotals = tuple(
        Subtotal(how.rate, amount, round_to_currency(amount * how.rate, currency), how.category)
        for how, amount in sorted(taxable.items(), key=lambda item: (item[0].rate, item[0].category))
    )
    net = sums[0] - sums[1] + sums[2]
    tax = sum((part.tax_amount for part in subtotals), Decimal(0))
    return Totals(net, tax, net + tax, subtotals, sums[0], sums[1], sums[2], prepaid, rounding)
