"""Fill picking places from storage."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from b2b.core.clock import now
from b2b.core.ids import uuid7
from b2b.db.bulk import fetch
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from warehousing.models import PutawayTask
from warehousing.policies import replenishment
from warehousing.policies.rotation import Supply, Want, assign
from warehousing.services import putaway

FACES: Final = """
SELECT face.id, face.product_id, face.location_id, face.minimum, face.maximum,
    coalesce((SELECT sum(quant.on_hand) FROM warehousing_quant quant
        WHERE quant.location_id = face.location_id AND quant.product_id = face.product_id
        AND quant.status = 'AVAILABLE'), 0)::bigint,
    coalesce((SELECT sum(task.quantity) FROM warehousing_putawaytask task
        WHERE task.destination_id = face.location_id AND task.product_id = face.product_id
        AND task.status IN ('OPEN', 'CLAIMED')), 0)::bigint
FROM warehousing_pickface face JOIN warehousing_location place ON place.id = face.location_id
WHERE place.warehouse_id = %(warehouse_id)s AND place.is_active ORDER BY face.id
"""
# Free goods in storage that may be picked, less those somebody already carries away.
STORED: Final = """
SELECT quant.id, quant.product_id, quant.owner_id, quant.lot_id, quant.handling_unit_id, quant.location_id,
    (quant.on_hand - quant.reserved - coalesce((
        SELECT sum(task.quantity) FROM warehousing_putawaytask task
        WHERE task.source_id = quant.location_id AND task.product_id = quant.product_id
        AND task.lot_id IS NOT DISTINCT FROM quant.lot_id AND task.owner_id IS NOT DISTINCT FROM quant.owner_id
        AND task.handling_unit_id IS NOT DISTINCT FROM quant.handling_unit_id
        AND task.status IN ('OPEN', 'CLAIMED')), 0))::bigint, lot.expiry_date, quant.since_at
FROM warehousing_quant quant JOIN warehousing_location place ON place.id = quant.location_id
LEFT JOIN warehousing_lot lot ON lot.id = quant.lot_id
WHERE place.warehouse_id = %(warehouse_id)s AND place.kind = 'STORAGE' AND place.is_active
AND quant.status = 'AVAILABLE' AND quant.owner_id IS NULL AND quant.on_hand > quant.reserved
AND quant.product_id = ANY(%(products)s)
AND (lot.id IS NULL OR lot.status = 'RELEASED' AND (lot.expiry_date IS NULL OR lot.expiry_date > %(today)s))
"""


@unit_of_work()
def plan(warehouse_id: int, *, at: datetime) -> int:
    """Send people to fill the picking places that run low, first expired first out; return how many tasks.

    In a constant number of statements; safe to call at any time: what is being carried counts as there.
    """
    advisory_lock(f"putaway {warehouse_id}")
    wants: list[Want] = []
    face_place: dict[int, int] = {}
    for key, product_id, location_id, minimum, maximum, there, coming in fetch(
        FACES, {"warehouse_id": warehouse_id}
    ):
        quantity = replenishment.wanted(minimum=minimum, maximum=maximum, there=there, coming=coming)
        if quantity:
            wants.append(Want(key, product_id, quantity))
            face_place[key] = location_id
    if not wants:
        return 0
    today: date = now().date()
    asked = {"warehouse_id": warehouse_id, "products": [want.product_id for want in wants], "today": today}
    stock = {row[0]: row for row in fetch(STORED, asked) if row[6] > 0}
    takes = assign(wants, (Supply(row[0], row[1], row[6], row[7], row[8]) for row in stock.values()))
    return putaway.send(
        PutawayTask.Kind.REPLENISHMENT,
        warehouse_id,
        ((*stock[take.supply][1:6], face_place[take.want], take.quantity) for take in takes),
        document_id=uuid7(),
        at=at,
        priority=50,
    )
