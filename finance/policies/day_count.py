"""How long a period is as a fraction of a year, exactly: what interest is reckoned by."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Final

from b2b.core.errors import Invalid

ACT_360: Final = "ACT/360"
ACT_365: Final = "ACT/365"
ACT_ACT: Final = "ACT/ACT"
THIRTY_360_US: Final = "30/360 US"
THIRTY_E_360: Final = "30E/360"


def year_fraction(convention: str, start: date, end: date) -> Fraction:
    """Return the years from `start` (counted) to `end` (not counted) by a day count convention (2006 ISDA, 4.16).

    Promise: nothing from a day to itself; turning the dates round turns the sign.

    :raises Invalid: for an unknown convention.
    """
    reckon = CONVENTIONS.get(convention)
    if reckon is None:
        raise Invalid(f"there is no day count {convention}; there are {', '.join(CONVENTIONS)}")
    return reckon(start, end) if start <= end else -reckon(end, start)


def _act_360(start: date, end: date) -> Fraction:
    return Fraction((end - start).days, 360)


def _act_365(start: date, end: date) -> Fraction:
    return Fraction((end - start).days, 365)


def _act_act(start: date, end: date) -> Fraction:
    """Days in each calendar year over the days of that year (ISDA 4.16 b)."""
    if start.year == end.year:
        return Fraction((end - start).days, _days_of(start.year))
    first = Fraction((date(start.year + 1, 1, 1) - start).days, _days_of(start.year))
    last = Fraction((end - date(end.year, 1, 1)).days, _days_of(end.year))
    return first + (end.year - start.year - 1) + last


def _thirty_360_us(start: date, end: date) -> Fraction:
    """Months of thirty days as US bonds have them: the last of February counts as the thirtieth (SIFMA)."""
    first, last = start.day, end.day
    if _ends_february(start):
        if _ends_february(end):
            last = 30
        first = 30
    if last == 31 and first >= 30:
        last = 30
    return _thirty(start, end, min(first, 30), last)


def _thirty_e_360(start: date, end: date) -> Fraction:
    """Months of thirty days, the Eurobond way: every thirty-first is a thirtieth (ISDA 4.16 g)."""
    return _thirty(start, end, min(start.day, 30), min(end.day, 30))


def _thirty(start: date, end: date, first: int, last: int) -> Fraction:
    return Fraction(360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first, 360)


def _days_of(year: int) -> int:
    return 366 if calendar.isleap(year) else 365


def _ends_february(day: date) -> bool:
    return day.month == 2 and day.day == calendar.monthrange(day.year, 2)[1]


CONVENTIONS: Final[dict[str, Callable[[date, date], Fraction]]] = {
    ACT_360: _act_360,
    ACT_365: _act_365,
    ACT_ACT: _act_act,
    THIRTY_360_US: _thirty_360_us,
    THIRTY_E_360: _thirty_e_360,
}
