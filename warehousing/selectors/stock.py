"""What is where, and how much of it is free."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import F, Q, QuerySet, Sum

from b2b.core.actor import Actor
from b2b.core.clock import now
from warehousing.models import Location, Quant, StockLedgerEntry


def quants(actor: Actor) -> QuerySet[Quant]:
    """Return what an actor may see on the shelves: operators everything, dealers what is theirs; never empty places."""
    return (
        Quant.objects.visible_to(actor)
        .filter(on_hand__gt=0)
        .select_related("product", "lot", "owner", "location__warehouse")
        .order_by("pk")
    )


def movements(actor: Actor) -> QuerySet[StockLedgerEntry]:
    """Return the ledger entries an actor may see, newest first."""
    return (
        StockLedgerEntry.objects.visible_to(actor)
        .select_related("product", "lot", "owner", "location__warehouse")
        .order_by("-pk")
    )


def available(actor: Actor, product_ids: Collection[int]) -> dict[int, int]:
    """Return product -> free platform stock in base units that could be reserved today; one statement."""
    free = dict.fromkeys(product_ids, 0)
    today = now().date()
    rows = (
        Quant.objects.visible_to(actor)
        .filter(
            Q(lot=None) | Q(lot__status="RELEASED"),
            Q(lot=None) | Q(lot__expiry_date=None) | Q(lot__expiry_date__gt=today),
            product_id__in=free,
            owner=None,
            on_hand__gt=F("reserved"),
            location__kind__in=Location.RESERVABLE,
            location__is_active=True,
            location__warehouse__is_active=True,
        )
        .values("product_id")
        .annotate(free=Sum(F("on_hand") - F("reserved")))
    )
    return {**free, **{row["product_id"]: int(row["free"]) for row in rows}}


def balance(actor: Actor, *, product_id: int, location_id: int, at: datetime) -> int:
    """Return what a location held of a product at a moment, from the ledger; virtual places may hold less than 0."""
    legs = StockLedgerEntry.objects.visible_to(actor).filter(
        product_id=product_id, location_id=location_id, effective_at__lte=at
    )
    return int(legs.aggregate(held=Sum("quantity"))["held"] or 0)
