"""What finance adds to an order's page: its invoices."""

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
from finance.selectors import invoice

SHOWN = 50


@adds_tables("orders.order")
def invoices_of_order(request: HttpRequest, order: Any) -> Iterable[Table]:
    """Show the invoices of an order's goods."""
    invoices = (
        invoice.visible(actor_of(request)).filter(lines__order_id=order.pk).distinct().order_by("pk")[:SHOWN]
    )
    site = request.current_app  # type: ignore[attr-defined]
    rows = [
        (
            cells.link(one.number, reverse(f"{site}:finance_invoice_change", args=[one.pk])),
            cells.badge(one.status, one.get_status_display()),
            cells.day(one.due_date),
            cells.money(one.gross_amount, one.currency),
            cells.money(one.open_amount, one.currency),
        )
        for one in invoices
    ]
    if rows:
        yield Table(
            _("Invoices"), columns(_("Invoice"), _("Status"), _("Due"), (_("Total"),), (_("Open"),)), rows
        )
