"""Declare by which method stock is valued."""

from __future__ import annotations

from datetime import datetime

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid
from b2b.db.transactions import unit_of_work
from finance.models import StockMethod, StockMovement
from finance.services import valuation


@unit_of_work()
def declare(
    *,
    method: str,
    product_id: int | None = None,
    warehouse_site_id: int | None = None,
    reason: str,
    by: Actor,
    at: datetime,
) -> StockMethod:
    """Value what moves from now on by another method: of a product, at a site, or on the whole platform.

    What moved before keeps its value; what is there keeps it too, as one layer or as those it has.

    :raises Forbidden: for anyone but the operator. :raises Invalid: without a reason, or for an unknown method.
    """
    if not by.sees_all:
        raise Forbidden("how stock is valued is the operator's to say")
    if method not in StockMethod.Method.values:
        raise Invalid(f"{method} is not a method; known: {', '.join(StockMethod.Method.values)}")
    if not reason.strip():
        raise Invalid("a change of method says why", remedy="give a reason")
    valuation.begin()
    made = StockMethod.objects.create(
        method=method,
        product_id=product_id,
        warehouse_site_id=warehouse_site_id,
        since_at=at,
        reason=reason,
        declared_by=str(by)[:200],
    )
    moved = StockMovement.objects.filter(recorded_at__gte=at)
    if product_id is not None:
        moved = moved.filter(product_id=product_id)
    if warehouse_site_id is not None:
        moved = moved.filter(warehouse_site_id=warehouse_site_id)
    valuation.revalue(list(moved.values_list("pk", flat=True)), by=by, at=at)
    return made
