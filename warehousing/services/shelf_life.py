"""How long goods must still last for a dealer, and which goods go first."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from b2b.core.actor import Actor
from b2b.core.errors import Invalid
from b2b.db.bulk import execute
from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from warehousing.models import Demand, RotationRule, ShelfLifeTerm

MOST_DAYS = 3_650

# What was promised before the term and not picked yet is kept by it too; the books follow.
_TIGHTEN = """
UPDATE warehousing_promise promise SET min_remaining_days = %(days)s,
    min_expiry_date = CASE WHEN %(days)s = 0 AND promise.min_remaining_days = 0 THEN promise.min_expiry_date
        ELSE greatest(demand.need_by_date, %(today)s::date) + greatest(%(days)s, 1) END
FROM warehousing_demand demand
WHERE demand.id = promise.demand_id AND promise.status IN ('ON_HAND', 'EXPECTED') AND demand.dealer_id = %(dealer_id)s
    AND (%(product_id)s::bigint IS NULL OR demand.product_id = %(product_id)s::bigint)
    AND (%(product_id)s::bigint IS NOT NULL OR NOT EXISTS (
        SELECT FROM warehousing_shelflifeterm own WHERE own.dealer_id = demand.dealer_id
        AND own.product_id = demand.product_id AND own.valid_from <= %(today)s::date))
"""


@unit_of_work()
def agree(
    dealer_id: int,
    *,
    min_remaining_days: int,
    product_id: int | None = None,
    valid_from: date | None = None,
    by: Actor,
    at: datetime,
) -> ShelfLifeTerm:
    """Set how many days goods must still last for a dealer, from a day on; earlier terms stay as history.

    A term in force today binds what is promised and not picked yet, too: goods that do not last long enough are not
    chosen for it any more. Without a product it holds for all that have no term of their own; 0 days end a term.

    :raises Invalid: when the days are not within ten years.
    """
    if not 0 <= min_remaining_days <= MOST_DAYS:
        raise Invalid(f"between 0 and {MOST_DAYS} days of shelf life can be asked for")
    today = at.date()
    term = ShelfLifeTerm.objects.create(
        dealer_id=dealer_id,
        product_id=product_id,
        min_remaining_days=min_remaining_days,
        valid_from=valid_from or today,
        set_by=str(by)[:150],
        set_at=at,
    )
    if term.valid_from <= today:
        given = {
            "days": min_remaining_days,
            "today": today,
            "dealer_id": dealer_id,
            "product_id": product_id,
        }
        lock(
            Demand.objects.filter(dealer_id=dealer_id, promises__status__in=["ON_HAND", "EXPECTED"]).only(
                "pk"
            )
        )
        execute(_TIGHTEN, given)
    return term


@unit_of_work()
def rotate(method: str, *, product_id: int | None = None, owner_id: int | None = None) -> RotationRule:
    """Say which goods leave first: FEFO, FIFO or LIFO, of a product, of an owner, or by default.

    :raises Invalid: for a method nobody knows.
    """
    if method not in RotationRule.Method.values:
        raise Invalid(f"{method} is none of {', '.join(RotationRule.Method.values)}")
    of: dict[str, Any] = {"product_id": product_id, "owner_id": owner_id}
    rule, _ = RotationRule.objects.update_or_create(**of, defaults={"method": method})
    return rule
