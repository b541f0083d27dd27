"""What waits for somebody in the warehouses: goods that are overdue."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from b2b.admin.pending import LISTED, Pending, source
from b2b.admin.sites import actor_of
from b2b.core import clock
from b2b.db.selectors import visible
from warehousing.models import Receipt


@source
def overdue_receipts(request: HttpRequest) -> Iterable[Pending]:
    """Return what was announced and has not come."""
    late = visible(actor_of(request), Receipt).filter(status="EXPECTED", expected_at__lt=clock.now())
    for one in late.select_related("factory").order_by("expected_at", "pk")[:LISTED]:
        yield Pending(
            _("Goods overdue"),
            one.number,
            one.expected_at,
            _("Announced by %(factory)s, not here yet") % {"factory": one.factory.name},
            _("Warehouse"),
            reverse("operator:warehousing_receipt_change", args=[one.pk]),
        )
