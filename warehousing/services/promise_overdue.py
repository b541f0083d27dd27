"""Give up promises of goods on their way that will not come: what was promised of a receipt that ended without them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from warehousing.models import Demand, Inspection, Promise, PromiseBook, Receipt
from warehousing.policies import promising
from warehousing.services import promise_expected, shortfall
from warehousing.services.promise_release import Forgone

_CUTS: Final = {"id": "bigint", "cut": "bigint"}
_LOWER: Final = f"""
UPDATE warehousing_promise promise SET
    status = CASE WHEN given.cut = promise.quantity THEN 'RELEASED' ELSE 'EXPECTED' END,
    quantity = CASE WHEN given.cut = promise.quantity THEN promise.quantity ELSE promise.quantity - given.cut END
FROM {unnest(_CUTS)} WHERE promise.id = given.id AND promise.status = 'EXPECTED'
"""


@unit_of_work()
def give_up(receipt: Receipt, *, at: datetime) -> int:
    """Give up what was promised of goods on their way and no receipt brings any more; return base units.

    Looks at the products of a receipt that ended, in its warehouse. The promises of the earliest day are kept first,
    and what is being counted or inspected may still come good. Orders hear of it and plan anew.
    """
    products = list(receipt.lines.values_list("product_id", flat=True).distinct())
    waiting = Promise.objects.filter(
        status="EXPECTED", book__warehouse=receipt.warehouse_id, book__product__in=products, book__owner=None
    )
    if not waiting.exists():
        return 0
    lock(Demand.objects.filter(promises__in=waiting).only("pk"))
    lock(PromiseBook.objects.filter(promises__in=waiting).only("pk"))
    undecided = _undecided(receipt.warehouse_id, products)
    arrivals = promise_expected.coming(products, today=at.date())
    by_product: dict[int, list[Promise]] = {}
    for one in waiting.select_related("book").order_by("available_date", "pk"):
        if one.book.product_id not in undecided:
            by_product.setdefault(one.book.product_id, []).append(one)
    cuts: dict[int, int] = {}
    forgone: dict[int, Forgone] = {}
    for product_id, promises in by_product.items():
        # Late goods are still coming: only what comes on no day at all is given up.
        there = {date.max: sum(arrivals.get((product_id, receipt.warehouse_id), {}).values())}
        kept = promising.in_time([(date.max, one.quantity) for one in promises], there, {})
        for one, part in zip(promises, kept, strict=True):
            if cut := one.quantity - part:
                cuts[one.pk] = cut
                before = forgone.get(one.demand_id, Forgone(0, 0)).from_stock
                forgone[one.demand_id] = Forgone(before + cut, 0)
    if cuts:
        execute(_LOWER, transpose(list(_CUTS), cuts.items()))
        shortfall.publish_forgone(receipt.warehouse, forgone, at=at)
    return sum(cuts.values())


def _undecided(warehouse_id: int, products: list[int]) -> set[int]:
    counting = Receipt.objects.filter(
        warehouse=warehouse_id, status="RECEIVING", lines__product__in=products
    ).values_list("lines__product_id", flat=True)
    inspected = Inspection.objects.filter(
        line__receipt__warehouse=warehouse_id, line__product__in=products, status__in=Inspection.machine.open
    ).values_list("line__product_id", flat=True)
    return {*counting, *inspected}
