"""When a loan is paid back, and what of each instalment is interest; exact to the minor unit."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from b2b.core.errors import Invalid
from finance.policies.day_count import year_fraction
from finance.policies.interest import half_up, simple

BULLET: Final = "BULLET"
ANNUITY: Final = "ANNUITY"
LINEAR: Final = "LINEAR"
KINDS: Final = (BULLET, ANNUITY, LINEAR)


@dataclass(frozen=True, slots=True)
class Due:
    """What falls due on a day, in minor units."""

    day: date
    principal: int
    interest: int

    @property
    def total(self) -> int:
        """What is to be paid."""
        return self.principal + self.interest


def monthly(start: date, count: int) -> list[date]:
    """Return the same day of each of the next `count` months, or the last one of shorter months."""
    found = []
    for number in range(1, count + 1):
        months = start.year * 12 + start.month - 1 + number
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        found.append(date(year, month + 1, min(start.day, last)))
    return found


def plan(
    kind: str, principal: int, rate: Decimal, convention: str, start: date, days: Sequence[date]
) -> list[Due]:
    """Return what falls due on each of `days`: all at the end, in level payments, or in level parts of the principal.

    Promise: principal parts sum to `principal`, none is negative, and interest is that of what is still owed.

    :raises Invalid: for an unknown kind, or days that do not follow each other after `start`.
    """
    if kind not in KINDS:
        raise Invalid(f"there is no schedule {kind}; there are {', '.join(KINDS)}")
    if not days or any(later <= earlier for earlier, later in zip([start, *days], days, strict=False)):
        raise Invalid("instalments fall due on days that follow each other after the first")
    level = _level_payment(principal, rate, convention, start, days) if kind == ANNUITY else Fraction(0)
    found, owed, since = [], principal, start
    for number, day in enumerate(days, 1):
        interest = simple(owed, rate, convention, since, day)
        if number == len(days):
            part = owed
        elif kind == BULLET:
            part = 0
        elif kind == LINEAR:
            part = half_up(Fraction(principal * number, len(days))) - (principal - owed)
        else:
            part = min(owed, max(0, half_up(level) - interest))
        found.append(Due(day, part, interest))
        owed, since = owed - part, day
    return found


def _level_payment(
    principal: int, rate: Decimal, convention: str, start: date, days: Sequence[date]
) -> Fraction:
    """Return the payment whose values today, period by period, sum to the principal.

    With periods of one length it is P * i / (1 - (1 + i) ** -n), the annuity of every textbook.
    """
    worth, factor, since = Fraction(0), Fraction(1), start
    for day in days:
        factor /= 1 + Fraction(rate) * year_fraction(convention, since, day)
        worth, since = worth + factor, day
    return principal / worth
