"""What stood where at any moment, as it was or as it was known."""

from __future__ import annotations

from datetime import UTC, datetime

from b2b.core.actor import Actor
from b2b.db.bulk import fetch_value

# Whole months from their sums; legs only of the months the two moments cut, and of those not closed yet.
BALANCE = """
SELECT coalesce(sum(part.quantity), 0)::bigint FROM (
    SELECT sum(quantity) AS quantity FROM warehousing_stockperiodchange
    WHERE product_id = %(product_id)s AND location_id = %(location_id)s {whose}
        AND recorded_month < %(summed)s::date AND effective_month < %(month)s::date
    UNION ALL
    SELECT sum(quantity) FROM warehousing_stockledgerentry
    WHERE product_id = %(product_id)s AND location_id = %(location_id)s {whose}
        AND effective_at < %(month)s AND recorded_at >= %(summed)s AND recorded_at <= %(known_at)s
    UNION ALL
    SELECT sum(quantity) FROM warehousing_stockledgerentry
    WHERE product_id = %(product_id)s AND location_id = %(location_id)s {whose}
        AND effective_at >= %(month)s AND effective_at <= %(at)s AND recorded_at <= %(known_at)s
) part
"""

SUMMED = "SELECT max(month) + interval '1 month' FROM warehousing_stockperiod"

EVER = datetime(9999, 1, 1, tzinfo=UTC)
NEVER = datetime(1, 1, 1, tzinfo=UTC)


def balance(
    actor: Actor, *, product_id: int, location_id: int, at: datetime, known_at: datetime | None = None
) -> int:
    """Return what a location held of a product at a moment, base units; virtual places may hold less than 0.

    With `known_at` as the ledger knew it then: what was recorded later, back-dated or not, does not count. Two
    statements; the cost grows with the months and with the legs of the place in the two months that are cut.
    """
    if not actor.sees_all and actor.organization_id is None:
        return 0
    month = _month(at)
    until = known_at or EVER
    closed = fetch_value(SUMMED)
    summed = min(closed.replace(tzinfo=UTC), _month(until)) if closed else NEVER
    given = {
        "product_id": product_id,
        "location_id": location_id,
        "month": month,
        "summed": summed,
        "at": at,
        "known_at": until,
        "owner_id": actor.organization_id,
    }
    whose = "" if actor.sees_all else "AND owner_id = %(owner_id)s"
    return int(fetch_value(BALANCE.format(whose=whose), given))


def _month(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
