"""What waits for somebody in orders: factories that do not answer, and approvals."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from b2b.admin.pending import LISTED, Pending, source
from b2b.admin.sites import actor_of
from b2b.core import clock
from b2b.db.selectors import visible
from orders.models import ApprovalStep, PurchaseOrder


@source
def late_answers(request: HttpRequest) -> Iterable[Pending]:
    """Return purchase orders whose factory has let the time for its answer pass."""
    late = visible(actor_of(request), PurchaseOrder).filter(
        status__in=("SENT", "CONFIRMED"), answered_at=None, respond_by_at__lt=clock.now()
    )
    for one in late.select_related("factory").order_by("respond_by_at", "pk")[:LISTED]:
        if one.respond_by_at is not None:
            yield Pending(
                _("Purchase order without an answer"),
                one.number,
                one.respond_by_at,
                _("The time to answer is over"),
                one.factory.name,
                reverse("operator:orders_purchaseorder_change", args=[one.pk]),
            )


@source
def approvals(request: HttpRequest) -> Iterable[Pending]:
    """Return what waits for somebody's approval."""
    waiting = visible(actor_of(request), ApprovalStep).filter(status="PENDING")
    for one in waiting.select_related("organization").order_by("pk")[:LISTED]:
        yield Pending(
            _("Approval"),
            str(one),
            one.created_at,
            _("Nobody has agreed yet"),
            one.organization.name,
            reverse("operator:orders_approvalstep_change", args=[one.pk]),
        )
