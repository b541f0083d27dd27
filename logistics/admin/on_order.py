"""What logistics adds to an order's page: the shipments its goods travel in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from b2b.admin import cells
from b2b.admin.related import adds_tables
from b2b.admin.sites import actor_of
from b2b.admin.tables import Table, columns
from b2b.db.selectors import visible
from logistics.models import Shipment

SHOWN = 50


@adds_tables("orders.order")
def shipments_of_order(request: HttpRequest, order: Any) -> Iterable[Table]:
    """Show the shipments an order's goods travel in."""
    shipments = (
        visible(actor_of(request), Shipment)
        .filter(lines__order_id=order.pk)
        .distinct()
        .order_by("pk")[:SHOWN]
    )
    site = request.current_app  # type: ignore[attr-defined]
    rows = [
        (
            cells.link(one.number, reverse(f"{site}:logistics_shipment_change", args=[one.pk])),
            one.ship_to_name,
            cells.badge(one.status, one.get_status_display()),
            cells.moment(one.planned_arrival_at),
            cells.moment(one.delivered_at),
        )
        for one in shipments
    ]
    if rows:
        heads = columns(_("Shipment"), _("Ship to"), _("Status"), _("Planned arrival"), _("Delivered"))
        yield Table(_("Shipments"), heads, rows)
