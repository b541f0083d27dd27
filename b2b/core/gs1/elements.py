"""One element: an identifier and its value, checked by itself."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

from b2b.core.gs1 import check, identifiers
from b2b.core.gs1.errors import refuse
from b2b.core.gs1.identifiers import Identifier


@dataclass(frozen=True, slots=True)
class Element:
    """A value under its application identifier; `position` is where it began in the text, counted from 1."""

    ai: str
    value: str
    position: int | None = None


def element(known: Identifier, value: str, position: int | None) -> Element:
    """Check a value by the rules of its identifier.

    :raises ScanError: when format, check digit, date or company prefix is wrong.
    """
    if not known.pattern.fullmatch(value):
        raise refuse(
            "wrong_format",
            f"{known} does not take {value!r}",
            position=position,
            ai=known.ai,
            remedy=f"give {known.format}; end a value of open length by FNC1 (GS)",
        )
    _check_digits(known, value, position)
    ai = known.ai
    if ai in identifiers.PREFIXED and not value[:4].isdigit():
        raise refuse(
            "wrong_prefix",
            f"{known} begins with a GS1 company prefix",
            position=position,
            ai=ai,
            remedy="let it begin with four digits at least",
        )
    if ai in identifiers.PIECE_OF_TOTAL and not 0 < int(value[14:16]) <= int(value[16:18]):
        raise refuse(
            "wrong_piece",
            f"{known} is piece {value[14:16]} of {value[16:18]}",
            position=position,
            ai=ai,
            remedy="give a piece from 01 to the total",
        )
    if ai in identifiers.DATES or ai in identifiers.OPEN_DATES:
        _check_time(known, value, position)
    return Element(ai, value, position)


def _check_digits(known: Identifier, value: str, position: int | None) -> None:
    span = identifiers.CHECKED.get(known.ai)
    if span is not None:
        digits = value[span[0] : span[1]]
        if not check.is_checked(digits):
            right = check.check_digit(digits[:-1])
            raise refuse(
                "wrong_check_digit",
                f"{known} {digits} ends with {digits[-1]}; by its other digits it would end with {right}",
                position=position,
                ai=known.ai,
                remedy="scan again; a code keyed by hand has a wrong digit",
            )
    if known.ai in identifiers.PAIR_CHECKED and (
        len(value) < 3 or check.check_pair(value[:-2]) != value[-2:]
    ):
        raise refuse(
            "wrong_check_digit",
            f"{known} {value} does not end with its check characters",
            position=position,
            ai=known.ai,
            remedy="scan again; a code keyed by hand has a wrong character",
        )


def _check_time(known: Identifier, value: str, position: int | None) -> None:
    last = value[6:12] if known.ai == "7007" else ""
    open_day = known.ai in identifiers.OPEN_DATES
    clock = value[6:] if known.ai in ("4324", "4325", "7003", "7011", "8008") else ""
    hours, minutes, seconds = (int(clock[at : at + 2] or 0) for at in (0, 2, 4))
    no_time = known.ai in ("4324", "4325") and clock == "9999"
    if not (
        _is_day(value[:6], open_day=open_day)
        and (not last or _is_day(last, open_day=False))
        and (no_time or (hours < 24 and minutes < 60 and seconds < 60))
    ):
        raise refuse(
            "wrong_date",
            f"{known} {value} is no date",
            position=position,
            ai=known.ai,
            remedy="give YYMMDD" + (", day 00 for the end of a month" if open_day else "") + ", hours to 23",
        )


def _is_day(yymmdd: str, *, open_day: bool) -> bool:
    year, month, day = int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:6])
    # Every year that is divisible by four within the hundred years a two-digit year can mean is a leap year.
    return 1 <= month <= 12 and (0 if open_day else 1) <= day <= calendar.monthrange(2000 + year, month)[1]


def day_of(yymmdd: str, today: date) -> date:
    """Return the day a checked YYMMDD means: the year from 49 years ago to 50 ahead, day 00 the last of its month.

    Source: GS1 General Specifications, section 7.12.
    """
    year = today.year - today.year % 100 + int(yymmdd[:2])
    if year - today.year > 50:
        year -= 100
    elif year - today.year < -49:
        year += 100
    month = int(yymmdd[2:4])
    return date(year, month, int(yymmdd[4:6]) or calendar.monthrange(year, month)[1])
