"""Hold what a bill states against what it says in detail (EN 16931-1, BR-CO-10 to BR-CO-17 and the category rules)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from b2b.core.errors import Problem
from b2b.core.money import exponent, round_to_currency
from finance.policies import tax
from finance.policies.tax import Amount, Subtotal, Tax, Totals

RATE_DIGITS: Final = 5  # of a rate as a fraction
_REMEDY: Final = "send the bill again with amounts that add up"


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line of a bill (BG-25); `row` is where it stands in the file, `order` and `order_line` what it refers to."""

    row: int
    number: str
    quantity: Decimal
    unit_price: Decimal
    net_amount: Decimal
    tax: Tax
    name: str = ""
    order: str = ""
    order_line: str = ""
    buyers_sku: str = ""
    gtin: str = ""
    unit_code: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice or credit note as somebody wrote it, totals included; nothing in it is computed."""

    number: str
    issue_date: date
    currency: str
    lines: tuple[BilledLine, ...]
    totals: Totals
    due_date: date | None = None
    allowances: tuple[Amount, ...] = ()
    charges: tuple[Amount, ...] = ()
    order: str = ""
    seller_ids: tuple[str, ...] = ()
    note: str = ""
    type_code: str = "380"


def broken_rules(bill: Bill) -> list[Problem]:
    """Return a problem for each rule the bill breaks, naming the rule, what it states and what it comes to.

    The tax of a rate may differ from the exact one by half a minor unit a line: sellers round by line or by sum.
    """
    return [*_lines(bill), *_decimals(bill), *_sums(bill), *_taxes(bill)]


def _lines(bill: Bill) -> Iterator[Problem]:
    """A line comes to its quantity at its price, a minor unit more or less (Peppol R120)."""
    unit = Decimal(1).scaleb(-exponent(bill.currency))
    for line in bill.lines:
        right = line.quantity * line.unit_price
        if abs(line.net_amount - right) > unit:
            message = f"line {line.number} is {line.net_amount}, but it comes to {right.normalize():f}"
            yield Problem(
                "PEPPOL-R120", message, row=line.row or None, field="LineExtensionAmount", remedy=_REMEDY
            )


def _decimals(bill: Bill) -> Iterator[Problem]:
    """Amounts have no more decimals than their currency (BR-DEC-01 to BR-DEC-28): nobody can pay half a cent."""
    stated = bill.totals
    amounts = [
        ("BR-DEC-09", "LineExtensionAmount", stated.line_amount, None),
        ("BR-DEC-10", "AllowanceTotalAmount", stated.allowance_amount, None),
        ("BR-DEC-11", "ChargeTotalAmount", stated.charge_amount, None),
        ("BR-DEC-12", "TaxExclusiveAmount", stated.net_amount, None),
        ("BR-DEC-13", "TaxAmount", stated.tax_amount, None),
        ("BR-DEC-14", "TaxInclusiveAmount", stated.gross_amount, None),
        ("BR-DEC-16", "PrepaidAmount", stated.prepaid_amount, None),
        ("BR-DEC-17", "PayableRoundingAmount", stated.rounding_amount, None),
        *(("BR-DEC-19", "TaxableAmount", part.taxable_amount, None) for part in stated.subtotals),
        *(("BR-DEC-20", "TaxSubtotal/TaxAmount", part.tax_amount, None) for part in stated.subtotals),
        *(("BR-DEC-01", "AllowanceCharge/Amount", one.net_amount, None) for one in bill.allowances),
        *(("BR-DEC-05", "AllowanceCharge/Amount", one.net_amount, None) for one in bill.charges),
        *(("BR-DEC-23", "LineExtensionAmount", line.net_amount, line.row or None) for line in bill.lines),
    ]
    for rule, field, amount, row in amounts:
        if amount != round_to_currency(amount, bill.currency):
            message = f"{field} {amount} is finer than {bill.currency} can be"
            yield Problem(rule, message, row=row, field=field, remedy="round it to what can be paid")


def _sums(bill: Bill) -> Iterator[Problem]:
    stated = bill.totals
    pairs = (
        ("BR-CO-10", "LineExtensionAmount", stated.line_amount, _sum(bill.lines)),
        ("BR-CO-11", "AllowanceTotalAmount", stated.allowance_amount, _sum(bill.allowances)),
        ("BR-CO-12", "ChargeTotalAmount", stated.charge_amount, _sum(bill.charges)),
        (
            "BR-CO-13",
            "TaxExclusiveAmount",
            stated.net_amount,
            stated.line_amount - stated.allowance_amount + stated.charge_amount,
        ),
        (
            "BR-CO-14",
            "TaxAmount",
            stated.tax_amount,
            sum((part.tax_amount for part in stated.subtotals), Decimal(0)),
        ),
        ("BR-CO-15", "TaxInclusiveAmount", stated.gross_amount, stated.net_amount + stated.tax_amount),
    )
    for rule, field, given, right in pairs:
        if given != right:
            yield Problem(rule, f"{field} is {given}, but it comes to {right}", field=field, remedy=_REMEDY)


def _sum(amounts: Sequence[BilledLine] | Sequence[Amount]) -> Decimal:
    return sum((one.net_amount for one in amounts), Decimal(0))


def _taxes(bill: Bill) -> Iterator[Problem]:
    exact = tax.totals_of(
        [Amount(line.tax, line.net_amount) for line in bill.lines],
        bill.currency,
        allowances=bill.allowances,
        charges=bill.charges,
    )
    wanted = {_key(part): part for part in exact.subtotals}
    given = {_key(part): part for part in bill.totals.subtotals}
    half = Decimal(5).scaleb(-exponent(bill.currency) - 1)
    times = Counter(map(_key, bill.totals.subtotals))
    for key in sorted({*wanted, *given}, key=lambda how: (how.category, how.rate)):
        ours, theirs = wanted.get(key), given.get(key)
        name = f"{key.category} {key.rate * 100:f}".rstrip("0").rstrip(".") + " %"
        if ours is None or theirs is None or ours.taxable_amount != theirs.taxable_amount:
            stated = theirs.taxable_amount if theirs else "missing"
            yield Problem(
                "BR-S-08" if key.category == tax.STANDARD else f"BR-{key.category}-08",
                f"the taxable amount of {name} is {stated}, its lines come to"
                f" {ours.taxable_amount if ours else Decimal(0)}",
                field="TaxSubtotal/TaxableAmount",
                remedy=_REMEDY,
            )
        elif abs(theirs.tax_amount - theirs.taxable_amount * key.rate) > half * (len(bill.lines) + 1):
            yield Problem(
                "BR-CO-17",
                f"the tax of {name} on {theirs.taxable_amount} is {theirs.tax_amount}, not {ours.tax_amount}",
                field="TaxSubtotal/TaxAmount",
                remedy=_REMEDY,
            )
        if times[key] > 1:
            yield Problem("BR-CO-18", f"the tax of {name} is stated {times[key]} times", field="TaxSubtotal",
                          remedy="sum it up in one subtotal")  # fmt: skip
        if key.rate != round(key.rate, RATE_DIGITS):
            yield Problem("tax_rate", f"{name} is finer than a rate is kept", field="TaxCategory/Percent",
                          remedy="give at most three decimals of a per cent")  # fmt: skip
        if key.rate and key.category != tax.STANDARD:
            yield Problem(
                f"BR-{key.category}-05",
                f"category {key.category} has a rate of zero, not {key.rate}",
                field="TaxCategory/Percent",
                remedy="use category S for what is taxed",
            )


def _key(part: Subtotal) -> Tax:
    return Tax(part.category, part.tax_rate)
