"""What is where, and how much of it is free."""

from __future__ import annotations

from django.db.models import QuerySet

from b2b.core.actor import Actor
from warehousing.models import Quant, StockLedgerEntry


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
