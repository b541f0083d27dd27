"""Orders and their lines, as far as an actor is a party to them."""

from __future__ import annotations

from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import BigIntegerField, Case, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from b2b.core.actor import Actor
from b2b.db.models import StatusChange
from b2b.db.selectors import history
from orders.models import CancellationRequest, Order, OrderLine, QuantityEvent


def visible(actor: Actor) -> QuerySet[Order]:
    """Return a dealer's own orders, or all for the operator."""
    return Order.objects.visible_to(actor).select_related("dealer", "ship_to_site")


# What a dealer gives up of goods that are being bought is told by its change, its withdrawal, or the factory's consent.
_GIVEN_UP = ("change:", "withdrawal:", "purchase_change:")


def lines(actor: Actor) -> QuerySet[OrderLine]:
    """Return the lines of the orders an actor may see, with product and site, what the factory is asked to cancel, and
    what each gave up of goods that were being bought for it.
    """
    told = QuantityEvent.objects.filter(line=OuterRef("pk"), kind="pooled", quantity__lt=0).filter(
        reduce(or_, (Q(source__startswith=prefix) for prefix in _GIVEN_UP))
    )
    given_up = told.order_by().values("line").annotate(units=-Sum("quantity")).values("units")
    asked = CancellationRequest.objects.filter(order_line=OuterRef("pk"), status="REQUESTED").order_by()
    units = asked.values("order_line").annotate(units=Sum("quantity")).values("units")
    return (
        OrderLine.objects.visible_to(actor)
        .select_related("product", "ship_to_site")
        .annotate(
            cancel_requested=Coalesce(Subquery(units, output_field=BigIntegerField()), 0),
            # Most lines cancelled nothing: those are not looked for in the events of all months.
            given_up=Case(
                When(cancelled=0, then=0),
                default=Coalesce(Subquery(given_up, output_field=BigIntegerField()), 0),
                output_field=BigIntegerField(),
            ),
        )
    )


def timeline(actor: Actor, order_id: UUID) -> QuerySet[StatusChange]:
    """Return who moved an order when and why, oldest first."""
    return history(actor, order_id)
