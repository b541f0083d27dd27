"""Agree with a dealer in which parts it pays its invoices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid
from b2b.db.transactions import unit_of_work
from finance.models import PaymentPlan
from finance.policies import instalment
from finance.policies.instalment import Part


@unit_of_work()
def set_plan(*, dealer_id: int, parts: Sequence[Part], reason: str, by: Actor, at: datetime) -> PaymentPlan:
    """Set the plan for what is invoiced from now on; without parts the terms of each order count again.

    :raises Forbidden: for anyone but the operator. :raises Invalid: without a reason.
    :raises BadPlan: when the parts are out of order or do not make up the whole.
    """
    if not by.sees_all:
        raise Forbidden("payment plans are the operator's to set")
    if not reason.strip():
        raise Invalid("say why")
    if parts:
        instalment.check(parts)
    return PaymentPlan.objects.create(
        dealer_id=dealer_id,
        days=[part.days for part in parts],
        shares=[part.share for part in parts],
        reason=reason,
        set_by=str(by)[:150],
        set_at=at,
    )
