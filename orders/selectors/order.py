"""Orders and their lines, as far as an actor is a party to them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from b2b.core.actor import Actor
from b2b.db.models import StatusChange
from b2b.db.selectors import history
from orders.models import CancellationRequest, Order, OrderLine


def visible(actor: Actor) -> QuerySet[Order]:
    """Return a dealer's own orders, or all for the operator."""
    return Order.objects.visible_to(actor).select_related("dealer", "ship_to_site")


def lines(actor: Actor) -> QuerySet[OrderLine]:
    """Return the lines of the orders an actor may see, with product, site, and what the factory is asked to cancel."""
    asked = CancellationRequest.objects.filter(order_line=OuterRef("pk"), status="REQUESTED").order_by()
    units = asked.values("order_line").annotate(units=Sum("quantity")).values("units")
    return (
        OrderLine.objects.visible_to(actor)
        .select_related("product", "ship_to_site")
        .annotate(cancel_requested=Coalesce(Subquery(units, output_field=BigIntegerField()), 0))
    )


def timeline(actor: Actor, order_id: UUID) -> QuerySet[StatusChange]:
    """Return who moved an order when and why, oldest first."""
    return history(actor, order_id)
