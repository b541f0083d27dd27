"""Promise goods to demands: of which warehouse, never more than there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from b2b.db.bulk import fetch, transpose
from b2b.db.transactions import unit_of_work

ANY_URGENCY = 100

_ASKED = ("demand_ids", "warehouse_ids", "quantities", "mosts", "reasons")
_MAKE = """
SELECT promise_id, demand_id, warehouse_id, quantity FROM warehousing_make_promises(%(demand_ids)s::bigint[],
    %(warehouse_ids)s::bigint[], %(quantities)s::bigint[], %(mosts)s::bigint[], %(beside_supply)s, %(by_urgency)s,
    %(supply)s::uuid, %(moment)s, %(reasons)s::text[], %(urgency)s::smallint, %(lapses_at)s::timestamptz)
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """Promise a demand at most a quantity, from a warehouse or from all of them by priority.

    `most` is what it may have from free stock in all, what it was promised before included. `reason` says why from
    there.
    """

    demand_id: int
    warehouse_id: int | None = None
    quantity: int | None = None
    most: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise that was made: base units of a warehouse for a demand."""

    promise_id: int
    demand_id: int
    warehouse_id: int
    quantity: int


@unit_of_work()
def make(
    demand_ids: Collection[int],
    *,
    at: datetime,
    most: Mapping[int, int] | None = None,
    beside_supply: bool = True,
    priority: int = ANY_URGENCY,
    expires_at: datetime | None = None,
) -> dict[int, int]:
    """Promise demands what they still lack from the shelves and return demand -> newly promised; one statement.

    Earlier needs are served first, warehouses by their priority. Goods on order for a demand count as coming, unless
    `beside_supply` is False. `most` limits what a demand has from free stock in all.
    """
    wishes = (Wish(key, most=most[key] if most is not None else None) for key in demand_ids)
    made = _make(
        wishes, at=at, by_urgency=True, beside_supply=beside_supply, priority=priority, expires_at=expires_at
    )
    return by_demand(made)


@unit_of_work()
def grant(
    wishes: Sequence[Wish],
    *,
    at: datetime,
    purchase_order_id: UUID | None = None,
    priority: int = ANY_URGENCY,
    expires_at: datetime | None = None,
) -> list[Promised]:
    """Promise what was decided before, in the order given, and return what of it could be promised.

    Wishes of one demand stand side by side. Goods on order for a demand are not looked at.
    """
    return _make(wishes, at=at, supply=purchase_order_id, priority=priority, expires_at=expires_at)


def by_demand(made: Iterable[Promised]) -> dict[int, int]:
    """Sum promises by demand."""
    total: dict[int, int] = {}
    for one in made:
        total[one.demand_id] = total.get(one.demand_id, 0) + one.quantity
    return total


def _make(
    wishes: Iterable[Wish],
    *,
    at: datetime,
    by_urgency: bool = False,
    beside_supply: bool = False,
    supply: UUID | None = None,
    priority: int,
    expires_at: datetime | None,
) -> list[Promised]:
    rows = [(wish.demand_id, wish.warehouse_id, wish.quantity, wish.most, wish.reason) for wish in wishes]
    if not rows:
        return []
    given = {
        **transpose(_ASKED, rows),
        "beside_supply": beside_supply,
        "by_urgency": by_urgency,
        "supply": supply,
        "moment": at,
        "urgency": priority,
        "lapses_at": expires_at,
    }
    return [Promised(*row) for row in fetch(_MAKE, given)]
