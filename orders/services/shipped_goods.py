"""A factory's EPCIS event of shipping stands for a despatch advice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from b2b.contracts.warehousing import GoodsShipped
from b2b.core.actor import Actor
from b2b.core.errors import Invalid, NotYet, Problem
from b2b.db.transactions import unit_of_work
from orders.models import DespatchAdvice, PurchaseOrder
from orders.services import despatch_advice
from orders.services.despatch_advice import Despatched

_ON_THE_WAY: Final = timedelta(days=1)  # an event says when goods left, never when they come


@unit_of_work()
def advise(shipped: GoodsShipped, *, by: Actor, at: datetime) -> DespatchAdvice:
    """Write the despatch advice of goods a factory shipped, once for each event.

    :raises NotYet: when the factory has no purchase order of that number, as far as is known.
    :raises Invalid: when goods are not on the order. :raises InvalidDespatch: for more than was confirmed.
    """
    order = PurchaseOrder.objects.filter(
        number=shipped.purchase_order_number, factory_id=shipped.factory_id
    ).first()
    if order is None:
        raise NotYet(f"there is no purchase order {shipped.purchase_order_number}")
    by_product: dict[int, int] = {}
    for line in order.lines.order_by("-line_number"):
        by_product[line.product_id] = line.line_number
    strange = [line.product_id for line in shipped.lines if line.product_id not in by_product]
    if strange:
        raise Invalid(
            f"{order.number} does not order what was shipped",
            problems=[
                Problem("not_ordered", f"product {key} is not on the order", "/lines") for key in strange
            ],
        )
    return despatch_advice.receive(
        order,
        lines=[
            Despatched(by_product[line.product_id], line.quantity, lot_number=line.lot_number, sscc=line.sscc)
            for line in shipped.lines
        ],
        expected_at=shipped.shipped_at + _ON_THE_WAY,
        external_reference=_reference(shipped.event_id),
        by=by,
        at=at,
    )


def _reference(event_id: str) -> str:
    """Shorten the identity of an event to what a reference holds; a hash stays one."""
    return event_id.removeprefix("ni:///sha-256;").removesuffix("?ver=CBV2.0")[:80]
