"""Where the goods of an order line are, told from its quantity buckets."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from orders.models import OrderLine

STAGES = {
    "cancelled": _("Cancelled"),
    "returned": _("Not taken, or returned"),
    "waiting": _("Waits for the cut-off"),
    "placed": _("At the factory"),
    "ready": _("In the warehouse"),
    "shipped": _("On its way"),
    "partly_delivered": _("Partly delivered"),
    "delivered": _("Delivered"),
    "invoiced": _("Invoiced"),
}


def stage_of(line: OrderLine) -> str:
    """Return the furthest stage that all of the line, or the only part of it, has reached."""
    wanted = line.requested - line.cancelled - line.returned
    if wanted <= 0:
        return "returned" if line.returned else "cancelled"
    if line.invoiced >= wanted:
        return "invoiced"
    if line.delivered >= wanted:
        return "delivered"
    if line.delivered:
        return "partly_delivered"
    if line.shipped:
        return "shipped"
    if line.covered + line.received >= wanted:
        return "ready"
    return "placed" if line.pooled else "waiting"
