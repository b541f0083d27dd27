"""Amounts of an invoice: lines, tax per rate and totals (EN 16931-1, rules BR-CO-10, 13, 14, 15 and 17)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from b2b.core.money import round_to_currency


@dataclass(frozen=True, slots=True)
class Subtotal:
    """What is taxed at one rate (BG-23)."""

    tax_rate: Decimal
    taxable_amount: Decimal
    tax_amount: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of a document; gross = net + tax, tax = sum over the rates."""

    net_amount: Decimal
    tax_amount: Decimal
    gross_amount: Decimal
    subtotals: tuple[Subtotal, ...]


def line_net(quantity: int, unit_price: Decimal, currency: str) -> Decimal:
    """Return the net amount of a line (BT-131), rounded half up to the currency's precision."""
    return round_to_currency(quantity * unit_price, currency)


def totals(lines: Iterable[tuple[Decimal, Decimal]], currency: str) -> Totals:
    """Sum (tax rate, net amount) lines; tax is computed once per rate on the rate's sum (BR-CO-17).

    Promise: the order of the lines does not matter, and the sums of the subtotals are the totals.
    """
    taxable: dict[Decimal, Decimal] = {}
    for rate, net in lines:
        taxable[rate] = taxable.get(rate, Decimal(0)) + net
    subtotals = tuple(
        Subtotal(rate, amount, round_to_currency(amount * rate, currency))
        for rate, amount in sorted(taxable.items())
    )
    net = sum((part.taxable_amount for part in subtotals), Decimal(0))
    tax = sum((part.tax_amount for part in subtotals), Decimal(0))
    return Totals(net, tax, net + tax, subtotals)
