"""Which goods go first, and to whom: the rule that `warehousing_allocate` follows in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

FEFO: Final = "FEFO"
FIFO: Final = "FIFO"
LIFO: Final = "LIFO"


@dataclass(frozen=True, slots=True)
class Want:
    """Somebody who wants a quantity of a product that expires on `not_before` or later; served in the order given."""

    key: int
    product_id: int
    quantity: int
    not_before: date = date.min


@dataclass(frozen=True, slots=True)
class Supply:
    """Free goods of one product in one place."""

    key: int
    product_id: int
    quantity: int
    expiry_date: date | None
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Take:
    """Take this quantity of that supply for this want."""

    want: int
    supply: int
    quantity: int


def in_rotation(supplies: Iterable[Supply], method: str = FEFO) -> list[Supply]:
    """Order supplies as they leave: by expiry (what does not expire last), then age; or by age alone, old or new first.

    Where nothing expires, first expired is first in. Equals go by key.
    """
    if method == FEFO:
        return sorted(supplies, key=lambda one: (one.expiry_date or date.max, one.since_at, one.key))
    sign = -1 if method == LIFO else 1
    return sorted(supplies, key=lambda one: (sign * one.since_at.timestamp(), one.key))


def assign(wants: Sequence[Want], supplies: Iterable[Supply], method: str = FEFO) -> list[Take]:
    """Serve the wants in their order, each from the first supplies in rotation that last long enough for it.

    Promise: no supply gives and no want gets more than its quantity; nobody gets goods that expire before its day; a
    want is met from a later supply only when the earlier ones that last long enough are empty. By first expired, first
    out, wants that could all be met in some order are all met in every order: taking the first that will do never
    takes what another needs more (the sets of goods that will do are nested).
    """
    shelves: dict[int, list[list[int]]] = {}
    by_key: dict[int, Supply] = {}
    for supply in in_rotation(supplies, method):
        by_key[supply.key] = supply
        shelves.setdefault(supply.product_id, []).append([supply.key, supply.quantity])
    takes: list[Take] = []
    for want in wants:
        missing = want.quantity
        for slot in shelves.get(want.product_id, []):
            key, left = slot
            if missing <= 0:
                break
            if left <= 0 or (by_key[key].expiry_date or date.max) < want.not_before:
                continue
            part = min(missing, left)
            takes.append(Take(want.key, key, part))
            slot[1] -= part
            missing -= part
    return takes
