"""What happens at the gate and on the way to the shelves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from b2b.catalog.models import Product
from b2b.core.actor import Actor
from b2b.core.errors import Invalid, Problem
from b2b.db import selectors
from b2b.directory.models import Organization
from warehousing.models import FoundGoods, Inspection, PutawayTask, Receipt, ReceiptScan


def scans(actor: Actor, receipt_id: UUID | None) -> QuerySet[ReceiptScan]:
    """Return what was counted of a receipt, newest first."""
    return (
        selectors.visible(actor, ReceiptScan)
        .filter(receipt_id=receipt_id)
        .select_related("line__product")
        .order_by("-pk")
    )


def found_goods(actor: Actor) -> QuerySet[FoundGoods]:
    """Return goods nobody expected, newest first; only operators see them."""
    rows = selectors.visible(actor, FoundGoods)
    return rows.select_related("warehouse", "product", "owner").order_by("-pk")


def inspections(actor: Actor) -> QuerySet[Inspection]:
    """Return inspections, newest first: operators all, a factory those of its own goods."""
    rows = selectors.visible(actor, Inspection)
    return rows.select_related("warehouse", "line", "product", "lot").order_by("-pk")


def putaway_tasks(actor: Actor) -> QuerySet[PutawayTask]:
    """Return what is to be carried and was, newest first; only operators see it."""
    rows = selectors.visible(actor, PutawayTask)
    return rows.select_related("product", "lot", "source", "destination").order_by("-pk")


def to_carry(actor: Actor, warehouse_id: int, *, at: datetime) -> QuerySet[PutawayTask]:
    """Return what somebody may take to carry now: open tasks, and those whose claim ran out."""
    free = Q(status="OPEN") | Q(status="CLAIMED", claimed_until__lte=at)
    return putaway_tasks(actor).filter(free, warehouse=warehouse_id)


def progress(receipt: Receipt) -> dict[int, int]:
    """Return line key -> all that was counted of it, booked or not."""
    rows = receipt.scans.filter(is_void=False).values("line_id").annotate(quantity=Sum("quantity"))
    return {row["line_id"]: int(row["quantity"]) for row in rows}


def product(sku: str) -> Product | None:
    """Return the product with a SKU, none for no SKU.

    :raises Invalid: when there is no such product.
    """
    if not sku:
        return None
    found = Product.objects.filter(sku=sku).first()
    if found is None:
        raise _unknown("unknown_product", f"there is no product {sku}", "/sku")
    return found


def owner(code: str) -> Organization | None:
    """Return the organisation with a code; none stands for the platform.

    :raises Invalid: when there is no such organisation.
    """
    if not code:
        return None
    found = Organization.objects.filter(code=code, is_active=True).first()
    if found is None:
        raise _unknown("unknown_owner", f"there is no organisation {code}", "/owner")
    return found


def _unknown(code: str, message: str, pointer: str) -> Invalid:
    return Invalid(message, problems=[Problem(code, message, pointer, remedy="look at its list")])
