"""Books of promises as the operator reads them: what is there, what is promised, what comes, who waits."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import F, QuerySet
from django.db.models.expressions import RawSQL

from b2b.core.actor import Actor
from b2b.db.fields import QuantityField
from warehousing.models import Demand, Promise, PromiseBook
from warehousing.selectors import need

_THERE: Final = """
(SELECT coalesce(sum(there.on_hand), 0)::bigint FROM warehousing_usable there
WHERE there.product_id = warehousing_promisebook.product_id
    AND there.warehouse_id = warehousing_promisebook.warehouse_id
    AND there.owner_id IS NOT DISTINCT FROM warehousing_promisebook.owner_id
    AND (there.expiry_date IS NULL OR there.expiry_date > %s))
"""
SHOWN: Final = 200


def visible(actor: Actor, *, today: date) -> QuerySet[PromiseBook]:
    """Return the books with `there`, what could be promised today; operators see all, dealers their own goods."""
    there = RawSQL(_THERE, [today], output_field=QuantityField())  # noqa: S611 - nothing of a caller is in it
    return (
        PromiseBook.objects.visible_to(actor)
        .select_related("warehouse", "product", "owner")
        .annotate(there=there)
    )


def promises(book: PromiseBook) -> QuerySet[Promise]:
    """Return the open promises of a book in the order they are served."""
    return (
        book.promises.filter(status="ON_HAND")
        .select_related("demand__dealer", "demand__ship_to_site")
        .order_by("priority", F("demand__need_by_date").asc(nulls_last=True), "pk")
    )


def waiting(actor: Actor, product_id: int) -> list[tuple[Demand, need.Need]]:
    """Return who wants a product and has neither promise nor allotted supply for all of it, the most urgent first.

    The latest demands of the product are looked at, SHOWN of them.
    """
    recent = Demand.objects.visible_to(actor).filter(product_id=product_id, is_cancelled=False)
    demands = {one.pk: one for one in recent.select_related("dealer", "ship_to_site").order_by("-pk")[:SHOWN]}
    lacking = [one for one in need.of_demands(demands) if one.lacking]
    return [(demands[one.demand_id], one) for one in sorted(lacking, key=need.urgency)]
