"""Choose bins and lots for what is promised and keep them for it, never more than there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast

from b2b.db.bulk import fetch, literal, transpose
from b2b.db.transactions import unit_of_work
from warehousing.services import scarcity

_ALLOCATE = """
SELECT promise_id, quantity, scarce_book_id FROM warehousing_allocate(%(promise_ids)s::bigint[], %(mosts)s::bigint[],
    %(at)s, %(expires_at)s::timestamptz, %(is_shared)s)
"""
_OPEN = """
SELECT id, demand_id FROM warehousing_promise WHERE demand_id = ANY(%(demand_ids)s::bigint[]) AND status = 'ON_HAND'
"""


@unit_of_work()
def allocate(
    promise_ids: Collection[int],
    *,
    at: datetime,
    most: Mapping[int, int] | None = None,
    expires_at: datetime | None = None,
) -> dict[int, int]:
    """Reserve goods for what of these promises has none yet; return promise -> newly reserved. One statement.

    The first goods in rotation (`policies.rotation`) that are released, unexpired and last long enough for their
    dealer are taken, for earlier needs first. `most` limits what a promise may have reserved in all. Calling again
    reserves only what is still open. Where less is there than was promised, nobody gets more than its share of all
    that is promised (`services.scarcity`).
    """
    limits = dict(most or {})
    rows = _allocate(promise_ids, limits, at, expires_at, is_shared=False)
    scarce = [book_id for _, _, book_id in rows if book_id is not None]
    if scarce:
        for key, quantity in scarcity.limits(scarce, at=at).items():
            limits[key] = min(quantity, limits.get(key, quantity))
        rows = _allocate(promise_ids, limits, at, expires_at, is_shared=True)
    reserved: dict[int, int] = {}
    for key, quantity, _ in rows:
        reserved[key] = reserved.get(key, 0) + quantity
    return reserved


def _allocate(
    promise_ids: Collection[int],
    limits: Mapping[int, int],
    at: datetime,
    expires_at: datetime | None,
    *,
    is_shared: bool,
) -> list[tuple[int, int, int | None]]:
    """Return promise and quantity of what was reserved, or else the books that must be shared out before."""
    if not promise_ids:
        return []
    asked = transpose(("promise_ids", "mosts"), ((key, limits.get(key)) for key in promise_ids))
    return cast(
        list[tuple[int, int, int | None]],
        fetch(_ALLOCATE, {**asked, "at": at, "expires_at": expires_at, "is_shared": is_shared}),
    )


@unit_of_work()
def allocate_demands(demand_ids: Collection[int], *, at: datetime) -> dict[int, int]:
    """Reserve goods for all that is promised to demands; return demand -> newly reserved.

    Who promises as well does that in a unit of work of its own before: goods are locked before books.
    """
    of_demand = dict(cast(list[tuple[int, int]], fetch(_OPEN, {"demand_ids": literal(demand_ids)})))
    reserved: dict[int, int] = {}
    for key, quantity in allocate(of_demand, at=at).items():
        reserved[of_demand[key]] = reserved.get(of_demand[key], 0) + quantity
    return reserved
