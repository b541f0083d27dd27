"""What each promise may have when less is there than was promised: everybody by the declared policy, none overtakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple


class Open(NamedTuple):
    """A promise with base units still to be kept, of goods that expire on `day` or later."""

    key: int
    quantity: int
    day: date = date.min


Share = Callable[[int, Sequence[Open]], list[int]]


def caps(supply: Mapping[date, int], promises: Sequence[Open], share: Share) -> dict[int, int]:
    """Return promise -> base units it may have, by sharing the goods from those that must last longest to the others.

    `supply` is expiry date -> base units, `share(quantity, promises)` divides a quantity by the declared policy and
    gives nobody more than it asks. Promise: nobody may have more than it was promised; all caps can be had together;
    where there is enough, everybody may have everything.
    """
    most = {one.key: one.quantity for one in promises}
    for day in sorted({one.day for one in promises}, reverse=True):
        group = [one for one in promises if one.day >= day]
        there = sum(quantity for expiry, quantity in supply.items() if expiry >= day)
        if sum(most[one.key] for one in group) > there:
            asked = [one._replace(quantity=most[one.key]) for one in group]
            for one, part in zip(group, share(max(0, there), asked), strict=True):
                most[one.key] = min(most[one.key], part)
    return most
