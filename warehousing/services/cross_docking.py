"""Send pickers to the dock by itself when goods come in that somebody waits for."""

from __future__ import annotations

from b2b.contracts.warehousing import GoodsReceived
from b2b.core.actor import Actor
from b2b.db.transactions import unit_of_work
from warehousing.models import Promise, Warehouse, Wave
from warehousing.selectors import cross_dock
from warehousing.services import wave
from warehousing.services.wave import NothingToPick, Plan


@unit_of_work()
def release(event: GoodsReceived, *, by: Actor) -> Wave | None:
    """Release a wave for who was allotted goods of a purchase order that came in and stand at the dock for them.

    None where goods are not put away by tasks, nobody waits, or pickers are on their way already; told twice, once.
    """
    house = Warehouse.objects.filter(site_id=event.warehouse_site_id, directs_putaway=True).first()
    if house is None:
        return None
    came = {line.product_id for line in event.lines if line.accepted_quantity}
    at_dock = came & {product_id for product_id, _ in cross_dock.held(house.pk)}
    waiting = Promise.objects.filter(
        status="ON_HAND",
        purchase_order_id=event.purchase_order_id,
        book__warehouse=house,
        book__product__in=at_dock,
    )
    demands = tuple(waiting.order_by("demand_id").values_list("demand_id", flat=True).distinct())
    if not demands:
        return None
    try:
        return wave.release(house.pk, plan=Plan(demand_ids=demands), by=by, at=event.occurred_at)
    except NothingToPick:
        return None
