"""A factory's EPCIS event of shipping stands for a despatch advice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from b2b.contracts.warehousing import GoodsShipped, ShippedLine
from b2b.core.actor import Actor
from b2b.core.errors import Invalid, NotYet, Problem
from b2b.db.transactions import unit_of_work
from orders.models import DespatchAdvice, PurchaseOrder, PurchaseOrderLine
from orders.policies.despatch_windows import fill
from orders.services import despatch_advice
from orders.services.despatch_advice import Despatched

_ON_THE_WAY: Final = timedelta(days=1)  # an event says when goods left, never when they come


@unit_of_work()
def advise(shipped: GoodsShipped, *, by: Actor, at: datetime) -> DespatchAdvice:
    """Write the despatch advice of goods a factory shipped, once for each event; windows are filled from the first.

    :raises NotYet: when the factory has no purchase order of that number, as far as is known.
    :raises Invalid: when goods are not on the order. :raises InvalidDespatch: for more than was confirmed.
    """
    order = PurchaseOrder.objects.filter(
        number=shipped.purchase_order_number, factory_id=shipped.factory_id
    ).first()
    if order is None:
        raise NotYet(f"there is no purchase order {shipped.purchase_order_number}")
    windows: dict[int, list[PurchaseOrderLine]] = defaultdict(list)
    for line in order.lines.order_by("line_number"):
        windows[line.product_id].append(line)
    strange = [line.product_id for line in shipped.lines if line.product_id not in windows]
    if strange:
        raise Invalid(
            f"{order.number} does not order what was shipped",
            problems=[
                Problem("not_ordered", f"product {key} is not on the order", "/lines") for key in strange
            ],
        )
    return despatch_advice.receive(
        order,
        lines=list(_despatched(shipped.lines, windows)),
        expected_at=shipped.shipped_at + _ON_THE_WAY,
        external_reference=_reference(shipped.event_id),
        by=by,
        at=at,
    )


def _despatched(
    lines: Sequence[ShippedLine], windows: Mapping[int, Sequence[PurchaseOrderLine]]
) -> Iterator[Despatched]:
    left = {one.pk: one.confirmed - one.despatched for of_product in windows.values() for one in of_product}
    for line in lines:
        of_product = windows[line.product_id]
        parts = fill(line.quantity, [left[one.pk] for one in of_product])
        for one, part in zip(of_product, parts, strict=True):
            left[one.pk] -= part
            if part:
                yield Despatched(one.line_number, part, lot_number=line.lot_number, sscc=line.sscc)


def _reference(event_id: str) -> str:
    """Shorten the identity of an event to what a reference holds; a hash stays one."""
    return event_id.removeprefix("ni:///sha-256;").removesuffix("?ver=CBV2.0")[:80]
