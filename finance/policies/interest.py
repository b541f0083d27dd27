"""Simple interest and discount, exact to the minor unit; rates are fractions a year: Decimal("0.18") is 18 %."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from finance.policies.day_count import year_fraction


class Step(NamedTuple):
    """From a day on so much is owed, in minor units."""

    since: date
    principal: int


def half_up(exact: Fraction) -> int:
    """Round to whole minor units, a half away from zero, as Decimal's ROUND_HALF_UP does."""
    sign = -1 if exact < 0 else 1
    return sign * int((abs(exact) * 2 + 1) // 2)


def simple(principal: int, rate: Decimal, convention: str, start: date, end: date) -> int:
    """Return the simple interest on `principal` minor units at `rate` from `start` to `end`, rounded half up once."""
    return half_up(exact(principal, rate, convention, start, end))


def exact(principal: int, rate: Decimal, convention: str, start: date, end: date) -> Fraction:
    """Return the simple interest before it is rounded, in minor units."""
    return principal * Fraction(rate) * year_fraction(convention, start, end)


def accrued(steps: Iterable[Step], rate: Decimal, convention: str, until: date) -> int:
    """Return the interest on a principal that changes, in minor units, rounded once over the whole time.

    Promise: what accrues day by day as differences of this sums to it, whatever the days.
    """
    known = sorted(step for step in steps if step.since < until)
    ends = [step.since for step in known[1:]] + [until]
    spans = zip(known, ends if known else (), strict=True)
    return half_up(
        sum(
            (exact(step.principal, rate, convention, step.since, end) for step, end in spans),
            start=Fraction(0),
        )
    )


def bank_discount(face: int, rate: Decimal, convention: str, paid: date, due: date) -> int:
    """Return what is taken off `face` when it is paid before it is due: interest on the face itself.

    Promise: between zero and `face`, and zero from the due day on.
    """
    return min(face, simple(face, rate, convention, paid, max(paid, due)))


def present_value(face: int, rate: Decimal, convention: str, paid: date, due: date) -> int:
    """Return what, lent at simple interest from `paid`, grows to `face` when it is due (true discount)."""
    years = year_fraction(convention, paid, max(paid, due))
    return half_up(face / (1 + Fraction(rate) * years))
