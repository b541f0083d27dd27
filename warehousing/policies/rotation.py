"""Which goods go first, and to whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Want:
    """Somebody who wants a quantity of a product; wants are served in the order they are given."""

    key: int
    product_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Supply:
    """Free goods of one product in one place."""

    key: int
    product_id: int
    quantity: int
    priority: int
    expiry_date: date | None
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Take:
    """Take this quantity of that supply for this want."""

    want: int
    supply: int
    quantity: int


def first_expired_first_out(supplies: Iterable[Supply]) -> list[Supply]:
    """Order supplies by warehouse priority, then expiry (goods that do not expire last), then age, then key.

    Where nothing expires this is first in, first out.
    """
    return sorted(
        supplies,
        key=lambda supply: (supply.priority, supply.expiry_date or date.max, supply.since_at, supply.key),
    )


def assign(wants: Sequence[Want], supplies: Iterable[Supply]) -> list[Take]:
    """Serve the wants in their order, each from the supplies of its product in rotation order.

    Promise: no supply gives and no want gets more than its quantity; something is left of a product only when
    all its wants are met; a want is met from a later supply only when the earlier ones are empty.
    """
    shelves: dict[int, list[Supply]] = {}
    for supply in first_expired_first_out(supplies):
        if supply.quantity > 0:
            shelves.setdefault(supply.product_id, []).append(supply)
    position = dict.fromkeys(shelves, 0)
    taken = dict.fromkeys(shelves, 0)  # from the supply at `position`
    takes: list[Take] = []
    for want in wants:
        shelf, product = shelves.get(want.product_id, []), want.product_id
        missing = want.quantity
        while missing > 0 and shelf and position[product] < len(shelf):
            supply = shelf[position[product]]
            part = min(missing, supply.quantity - taken[product])
            takes.append(Take(want.key, supply.key, part))
            missing -= part
            taken[product] += part
            if taken[product] == supply.quantity:
                position[product], taken[product] = position[product] + 1, 0
    return takes
