"""Set by how much bills of factories may exceed what was agreed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid
from b2b.db.transactions import unit_of_work
from finance.models import MatchTolerance


@unit_of_work()
def set_tolerance(
    *,
    factory_id: int | None,
    price_percent: Decimal,
    price_amount: Decimal,
    total_amount: Decimal,
    reason: str,
    by: Actor,
    at: datetime,
) -> MatchTolerance:
    """Set the tolerance of a factory, or of all that have none of their own; it holds for what is matched from now on.

    Percent of a unit price, amounts in the bill's currency.

    :raises Forbidden: for anyone but the operator. :raises Invalid: without a reason, or below zero.
    """
    if not by.sees_all:
        raise Forbidden("tolerances are the operator's")
    if not reason.strip():
        raise Invalid("say why")
    if min(price_percent, price_amount, total_amount) < 0:
        raise Invalid("a tolerance is not negative")
    return MatchTolerance.objects.create(
        factory_id=factory_id,
        price_percent=price_percent,
        price_amount=price_amount,
        total_amount=total_amount,
        reason=reason,
        set_by=str(by)[:150],
        set_at=at,
    )
