"""Agree on what dealers may keep when they pay early, and end it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid
from b2b.db.transactions import unit_of_work
from finance.models import DiscountTerms

MOST_DAYS: Final = 365
HIGHEST: Final = Decimal("0.5")


@unit_of_work()
def set_terms(*, dealer_id: int, rate: Decimal, days: int, by: Actor, at: datetime) -> DiscountTerms:
    """Let a dealer keep `rate`, a fraction, of what it pays within `days` of the invoice; a rate of zero ends it.

    It holds for payments matched from now on; what held before stays on record.

    :raises Forbidden: for anyone but the operator. :raises Invalid: for a rate above one half, or no days.
    """
    if not by.sees_all:
        raise Forbidden("discounts are the operator's to grant")
    if not 0 <= rate <= HIGHEST or rate != round(rate, 5):
        raise Invalid(f"a discount is between 0 and {HIGHEST}, of at most five digits")
    if rate and not 1 <= days <= MOST_DAYS:
        raise Invalid(f"say within how many days, 1 to {MOST_DAYS}")
    return DiscountTerms.objects.create(
        dealer_id=dealer_id, rate=rate, days=days if rate else 0, set_by=str(by)[:150], set_at=at
    )
