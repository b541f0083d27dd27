"""In which parts dealers pay."""

from __future__ import annotations

from django.db.models import QuerySet

from b2b.core.actor import Actor
from finance.models import PaymentPlan
from finance.policies.instalment import Part


def plans(actor: Actor) -> QuerySet[PaymentPlan]:
    """Return a dealer's own payment plans as they were set, or all for the operator."""
    return PaymentPlan.objects.visible_to(actor).select_related("dealer")


def plan_of(dealer_id: int) -> list[Part]:
    """Return the parts a dealer pays in; none where the terms of each order count."""
    found = PaymentPlan.objects.filter(dealer_id=dealer_id).order_by("-pk").first()
    return [Part(*pair) for pair in zip(found.days, found.shares, strict=True)] if found else []
