"""What is where, and how much of it is free."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from b2b.catalog.models import Product
from b2b.core.actor import Actor
from b2b.core.errors import Invalid, Problem
from warehousing.models import Location, Lot, Quant, StockLedgerEntry


@dataclass(frozen=True, slots=True)
class Place:
    """The keys of a shelf, a product and a lot that were named."""

    location_id: int
    product_id: int
    lot_id: int | None


def place(actor: Actor, *, warehouse: str, location: str, sku: str, lot_number: str = "") -> Place:
    """Find what a person named at the shelf.

    :raises Invalid: saying everything that is unknown at once.
    """
    where = (
        Location.objects.filter(warehouse__code=warehouse, code=location).first() if actor.sees_all else None
    )
    product = Product.objects.filter(sku=sku).first()
    lot = Lot.objects.filter(product=product, number=lot_number).first() if product and lot_number else None
    problems = []
    if where is None:
        problems.append(Problem("unknown_location", f"{warehouse} has no location {location}", "/location"))
    if product is None:
        problems.append(Problem("unknown_product", f"there is no product {sku}", "/sku"))
    elif lot_number and lot is None:
        problems.append(Problem("unknown_lot", f"{sku} has no lot {lot_number}", "/lot_number"))
    if where is None or product is None or problems:
        raise Invalid("The count names things that are unknown.", problems=problems)
    return Place(where.pk, product.pk, lot.pk if lot else None)


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
