"""Hold a factory's bill against what was ordered and what was taken in, line by line and cumulatively."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from b2b.core.money import Money

VERSION: Final = "2"

MATCHED: Final = "MATCHED"
GOODS_AWAITED: Final = "GOODS_AWAITED"
OVER_ORDERED: Final = "OVER_ORDERED"
CANCELLED: Final = "CANCELLED"
PRICE_ABOVE: Final = "PRICE_ABOVE"
CHARGES_ABOVE: Final = "CHARGES_ABOVE"
TAX_DIFFERS: Final = "TAX_DIFFERS"
# What a person may accept although it does not match; goods that are not there are never paid.
RELEASABLE: Final = frozenset({PRICE_ABOVE, CHARGES_ABOVE, TAX_DIFFERS})


@dataclass(frozen=True, slots=True)
class Tolerance:
    """By how much a bill may exceed what was agreed.

    The price of a unit may be higher by the greater of `price_percent` of it and `price_amount`. What is too dear in
    spite of that, charges included, is let pass when it comes to at most `total_amount` on the whole bill.
    """

    price_percent: Decimal = Decimal(0)
    price_amount: Decimal = Decimal(0)
    total_amount: Decimal = Decimal(0)

    def allows(self, billed: Money, agreed: Money, quantity: int) -> bool:
        """Tell whether what is asked for a quantity is near enough to what was agreed for it, or below."""
        room = max(agreed.amount * self.price_percent / 100, self.price_amount * quantity)
        return billed.amount - agreed.amount <= room


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a purchase order line stands, in base units and minor units of money.

    `invoiced` and `cleared` are what bills approved before took of `accepted` and of `accrued`, its value at receipt.
    `tax_rate` is the rate its bills are expected to charge, None when any will do.
    """

    ordered: int
    accepted: int
    invoiced: int
    agreed_price: Decimal
    accrued: int
    cleared: int
    tax_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said of one line; `clears` and `variance` are minor units.

    `clears` is the value at receipt of the quantity billed, `variance` what the bill exceeds it by.
    """

    verdict: str
    reason: str
    clears: int
    variance: int


def judge(
    quantity: int, net: Money, standing: Standing, tolerance: Tolerance, tax_rate: Decimal | None = None
) -> Judgement:
    """Judge one line of a bill: a quantity in base units and what is asked for it before tax.

    Promise: the parts that the bills of a line clear sum to its value at receipt once everything accepted is billed,
    and never exceed it before.
    """
    total = standing.invoiced + quantity
    clears = _cleared_at(min(total, standing.accepted), standing) - standing.cleared
    verdict, reason = _verdict(quantity, net, standing, tolerance)
    if verdict == MATCHED and None not in (tax_rate, standing.tax_rate) and tax_rate != standing.tax_rate:
        verdict = TAX_DIFFERS
        reason = f"{_percent(tax_rate)} tax billed, {_percent(standing.tax_rate)} expected"
    return Judgement(verdict, reason, clears, net.minor - clears)


def _percent(rate: Decimal | None) -> str:
    return f"{((rate or Decimal(0)) * 100).normalize():f} %"


def correction(standing: Standing) -> int:
    """Return what is still to be cleared of what was billed, minor units, because its value at receipt changed.

    A unit of rounding is left to the bill that comes next, unless everything is billed.
    """
    billed = min(standing.invoiced, standing.accepted)
    missing = (_cleared_at(billed, standing) if standing.accepted else standing.accrued) - standing.cleared
    if not standing.invoiced or (abs(missing) <= 1 and standing.invoiced < standing.accepted):
        return 0
    return missing


def _cleared_at(billed: int, standing: Standing) -> int:
    """Return the value at receipt of the first `billed` units: rounded half up, all of it for all of them."""
    if not standing.accepted:
        return 0
    return (2 * standing.accrued * billed + standing.accepted) // (2 * standing.accepted)


def _verdict(quantity: int, net: Money, standing: Standing, tolerance: Tolerance) -> tuple[str, str]:
    total = standing.invoiced + quantity
    agreed = Money.of(quantity * standing.agreed_price, net.currency)
    if not standing.ordered:
        return CANCELLED, "this line of the purchase order was cancelled"
    if total > standing.ordered:
        return OVER_ORDERED, f"{total} billed in all, {standing.ordered} ordered"
    if total > standing.accepted:
        return GOODS_AWAITED, f"{total} billed in all, {standing.accepted} accepted so far"
    if not tolerance.allows(net, agreed, quantity):
        return PRICE_ABOVE, f"{net} billed, {agreed} agreed for {quantity}"
    return MATCHED, "ordered, received and billed alike"


def whole(judgements: Sequence[Judgement], extra: Money, tolerance: Tolerance) -> str:
    """Return the verdict over a bill: that of its worst line, unless all that is too dear is small in total.

    `extra` is what allowances, charges and rounding add to the lines.
    """
    for verdict in (CANCELLED, OVER_ORDERED, GOODS_AWAITED):
        if any(one.verdict == verdict for one in judgements):
            return verdict
    dear = [max(one.variance, 0) for one in judgements if one.verdict == PRICE_ABOVE]
    if sum(dear) + max(extra.minor, 0) <= Money.of(tolerance.total_amount, extra.currency).minor:
        return TAX_DIFFERS if any(one.verdict == TAX_DIFFERS for one in judgements) else MATCHED
    return PRICE_ABOVE if dear else CHARGES_ABOVE
