"""How much may be promised of goods that expire, so that all that is promised can be kept.

A promise says on which day its goods must not have expired yet. Goods that will do for a late day will do for an early
one, so the sets that will do are nested, and all promises can be kept exactly when for every day no more is promised
for it or later than there is that lasts so long (Hall's condition; J. London Math. Soc. 10, 1935).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

NO_DAY: Final = date.min
FOR_EVER: Final = date.max


class Wish(NamedTuple):
    """Base units wanted that expire on `day` or later."""

    quantity: int
    day: date = NO_DAY


def free(supply: Mapping[date, int], promised: Mapping[date, int], day: date = NO_DAY) -> int:
    """Return how much more may be promised to expire on `day` or later, 0 when nothing.

    `supply` is expiry date -> on hand, `promised` day -> promised to expire then or later.
    """
    levels = {day, NO_DAY, *(one for one in promised if one <= day)}
    return max(0, min(_level(supply, level) - _level(promised, level) for level in levels))


def promise(wishes: Sequence[Wish], supply: Mapping[date, int], promised: Mapping[date, int]) -> list[int]:
    """Return what each wish is promised, served in order, each as far as goods are left that last long enough.

    Promise: no wish gets more than it asks; if all that was promised before can be kept, all of it and what is promised
    now can be kept together; a wish gets less than it asks only if one unit more could not be kept.
    """
    known = dict(promised)
    given = []
    for wish in wishes:
        quantity = min(wish.quantity, free(supply, known, wish.day))
        known[wish.day] = known.get(wish.day, 0) + quantity
        given.append(quantity)
    return given


def fits(supply: Mapping[date, int], promised: Mapping[date, int]) -> bool:
    """Tell whether all that is promised can be kept."""
    return all(_level(promised, day) <= _level(supply, day) for day in (NO_DAY, *promised))


def _level(amounts: Mapping[date, int], day: date) -> int:
    return sum(quantity for one, quantity in amounts.items() if one >= day)


def in_time(
    wanted: Sequence[tuple[date, int]], coming: Mapping[date, int], promised: Mapping[date, int]
) -> list[int]:
    """Promise goods on their way to wants of (day, quantity) in turn, and return what each is promised.

    `coming` is day -> base units that arrive, `promised` day -> promised before to be there by then. Promise: for every
    day, no more is promised to be there by then than arrives by then, unless it was so before.
    """
    taken = dict(promised)
    given = []
    for day, quantity in wanted:
        limits = {day, *(one for one in (*coming, *taken) if one > day)}
        part = max(0, min(quantity, *(_by(coming, limit) - _by(taken, limit) for limit in limits)))
        taken[day] = taken.get(day, 0) + part
        given.append(part)
    return given


def _by(amounts: Mapping[date, int], day: date) -> int:
    return sum(quantity for one, quantity in amounts.items() if one <= day)
