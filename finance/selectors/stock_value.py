"""What the platform's own stock is worth, now and at the end of any day, and by which method."""

from __future__ import annotations

from datetime import date

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from b2b.core.actor import Actor
from finance.models import StockMethod, StockMovement, StockValue, StockValueEntry
from finance.policies.valuation import FIFO


def worth(actor: Actor) -> QuerySet[StockValue]:
    """Return each stock with its `units`, its `worth` in minor units, and the `method` it has now."""
    declared = (
        StockMethod.objects.filter(
            Q(product=None) | Q(product=OuterRef("product")),
            Q(warehouse_site=None) | Q(warehouse_site=OuterRef("warehouse_site")),
        )
        .order_by(F("product").asc(nulls_last=True), F("warehouse_site").asc(nulls_last=True), "-since_at")
        .values("method")[:1]
    )
    return (
        StockValue.objects.visible_to(actor)
        .select_related("product", "warehouse_site")
        .annotate(method=Coalesce(Subquery(declared), Value(FIFO)), units=F("quantity"), worth=F("value"))
    )


def at_end_of(rows: QuerySet[StockValue], day: date) -> QuerySet[StockValue]:
    """Return stocks with the `units` and the `worth` they had at the end of a day.

    As it was booked: what became known later counts from the day it did.
    """
    booked = StockValueEntry.objects.filter(stock=OuterRef("pk"), effective_date__lte=day).values("stock")
    return rows.annotate(
        units=Coalesce(Subquery(booked.annotate(sum=Sum("quantity")).values("sum")), Value(0)),
        worth=Coalesce(Subquery(booked.annotate(sum=Sum("value")).values("sum")), Value(0)),
    )


def movements(actor: Actor, stock: StockValue) -> QuerySet[StockMovement]:
    """Return what moved of one stock, the latest first."""
    rows = StockMovement.objects.visible_to(actor)
    return rows.filter(product=stock.product_id, warehouse_site=stock.warehouse_site_id).order_by("-position")


def methods(actor: Actor) -> QuerySet[StockMethod]:
    """Return the methods as they were declared."""
    return StockMethod.objects.visible_to(actor).select_related("product", "warehouse_site")
