"""Promises nobody has chosen goods for yet."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from b2b.db.bulk import fetch

_OPEN: Final = """
SELECT promise.id FROM warehousing_promise promise
JOIN warehousing_promisebook book ON book.id = promise.book_id
JOIN warehousing_warehouse house ON house.id = book.warehouse_id
JOIN warehousing_demand demand ON demand.id = promise.demand_id
WHERE promise.status = 'ON_HAND' AND NOT demand.is_cancelled AND book.warehouse_id = %(warehouse_id)s
AND (%(until)s::date IS NULL OR demand.need_by_date IS NULL OR demand.need_by_date <= %(until)s::date)
AND (%(today)s::date IS NULL OR demand.need_by_date IS NULL
    OR demand.need_by_date <= %(today)s::date + house.reservation_horizon_days)
AND (%(demand_ids)s::bigint[] IS NULL OR demand.id = ANY(%(demand_ids)s::bigint[]))
AND promise.quantity - promise.picked > (SELECT coalesce(sum(kept.quantity), 0) FROM warehousing_reservation kept
    WHERE kept.promise_id = promise.id AND kept.status = 'ACTIVE')
ORDER BY promise.id
"""


def promises(
    warehouse_id: int,
    *,
    until: date | None = None,
    today: date | None = None,
    demand_ids: Collection[int] | None = None,
) -> list[int]:
    """Return the promises of a warehouse that still want goods, in key order; one statement.

    `until` leaves out what is needed later than that day, `today` what lies beyond the warehouse's horizon from then.
    The caller decides who may ask.
    """
    given = {
        "warehouse_id": warehouse_id,
        "until": until,
        "today": today,
        "demand_ids": list(demand_ids) if demand_ids is not None else None,
    }
    return [key for (key,) in fetch(_OPEN, given)]
