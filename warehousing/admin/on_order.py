"""What warehousing adds to an order's page for the operator: what is kept for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q, Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _

from b2b.admin import cells
from b2b.admin.related import adds_tables
from b2b.admin.sites import actor_of
from b2b.admin.tables import Table, columns
from b2b.db.selectors import visible
from warehousing.models import Demand

SHOWN = 100


@adds_tables("orders.order")
def kept_for_order(request: HttpRequest, order: Any) -> Iterable[Table]:
    """Show what the warehouse keeps for an order; the dealer sees it in the lines already."""
    actor = actor_of(request)
    if not actor.sees_all:
        return
    demands = (
        visible(actor, Demand)
        .filter(order_id=order.pk)
        .select_related("product")
        .annotate(
            kept=Sum(F("promises__quantity") - F("promises__picked"), filter=Q(promises__status="ON_HAND")),
            picked=Sum("promises__picked"),
        )
        .order_by("order_line_id")[:SHOWN]
    )
    rows = [
        (
            cells.two_lines(demand.product.name, demand.product.sku),
            cells.quantity(demand.quantity),
            cells.quantity(demand.kept or 0),
            cells.quantity(demand.picked or 0),
        )
        for demand in demands
    ]
    if rows:
        heads = columns(_("Product"), (_("Wanted"),), (_("Promised"),), (_("Picked"),))
        yield Table(_("In the warehouse"), heads, rows)
