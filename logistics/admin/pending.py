"""What waits for somebody on the road: deliveries that failed and goods that were needed by now."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from b2b.admin.pending import LISTED, Pending, source
from b2b.admin.sites import actor_of
from b2b.core import clock
from b2b.db.selectors import visible
from logistics.models import Shipment


@source
def stuck_shipments(request: HttpRequest) -> Iterable[Pending]:
    """Return shipments that nobody took, and those that should be there by now."""
    late = Q(status__in=("READY", "TENDERED", "PLANNED", "IN_TRANSIT"), need_by_date__lt=clock.today())
    stuck = visible(actor_of(request), Shipment).filter(Q(status="FAILED") | late)
    for one in stuck.select_related("carrier").order_by("updated_at", "pk")[:LISTED]:
        has_failed = one.status == "FAILED"
        yield Pending(
            _("Delivery failed") if has_failed else _("Delivery late"),
            one.number,
            one.updated_at,
            _("Try again or take it back")
            if has_failed
            else _("Needed by %(day)s") % {"day": one.need_by_date},
            one.carrier.name if one.carrier is not None else _("Dispatch"),
            reverse("operator:logistics_shipment_change", args=[one.pk]),
        )
