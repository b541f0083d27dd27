"""Release work to the floor."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import DomainError, NotFound
from b2b.db import sequences
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import advisory_lock, lock, lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from warehousing.models import Demand, Location, PickTask, Warehouse, Wave
from warehousing.policies import picking_path
from warehousing.selectors import location, waiting
from warehousing.services import reservation


class NothingToPick(DomainError):
    """No goods are reserved that are not already being picked."""

    code = "nothing_to_pick"


# Reserved goods of a warehouse nobody has been sent for yet.
WAITING = """
SELECT kept.id, kept.demand_id, kept.quantity, quant.product_id, quant.owner_id, quant.lot_id, quant.location_id,
    place.aisle, place.bay, place.code
FROM warehousing_reservation kept
JOIN warehousing_demand demand ON demand.id = kept.demand_id
JOIN warehousing_quant quant ON quant.id = kept.quant_id
JOIN warehousing_location place ON place.id = quant.location_id
LEFT JOIN warehousing_lot lot ON lot.id = quant.lot_id
WHERE place.warehouse_id = %(warehouse_id)s AND kept.status = 'ACTIVE' AND NOT demand.is_cancelled
AND (lot.id IS NULL OR lot.status = 'RELEASED')
AND (%(until)s::date IS NULL OR demand.need_by_date IS NULL OR demand.need_by_date <= %(until)s::date)
AND NOT EXISTS (SELECT FROM warehousing_picktask task
    WHERE task.reservation_id = kept.id AND task.status <> 'CANCELLED')
"""

TASKS = {
    "task_number": "integer",
    "reservation_id": "bigint",
    "demand_id": "bigint",
    "quantity": "bigint",
    "product_id": "bigint",
    "owner_id": "bigint",
    "lot_id": "bigint",
    "source_id": "bigint",
}
SEND = f"""
INSERT INTO warehousing_picktask (wave_id, destination_id, picked_quantity, status, task_number, reservation_id,
    demand_id, quantity, product_id, owner_id, lot_id, source_id)
SELECT %(wave_id)s, %(destination_id)s, 0, 'OPEN', task_number, reservation_id, demand_id, quantity, product_id,
    owner_id, lot_id, source_id
FROM {unnest(TASKS)}
"""


@unit_of_work()
def release(warehouse_id: int, *, until: date | None = None, by: Actor, at: datetime) -> Wave:
    """Choose goods for what is promised, and send pickers for all that is reserved, in the order of the walk.

    `until` leaves out what is needed later than that day.

    :raises NotFound: when there is no such warehouse. :raises NothingToPick: when nothing waits.
    """
    house = Warehouse.objects.filter(pk=warehouse_id).first()
    if house is None:
        raise NotFound("there is no such warehouse")
    advisory_lock(f"wave {warehouse_id}")
    reservation.allocate(waiting.promises(house.pk, until=until), at=at)
    asked = {"warehouse_id": warehouse_id, "until": until}
    held = lock(Demand.objects.filter(pk__in={row[1] for row in fetch(WAITING, asked)}).only("pk"))
    keys = {demand.pk for demand in held}
    # Once more: some may have been released while this waited, and what came since is not held.
    unsent = {row[0]: row for row in fetch(WAITING, asked) if row[1] in keys}
    if not unsent:
        raise NothingToPick
    [serial] = sequences.take("WAVE", house.pk)
    wave = Wave.objects.create(
        number=sequences.number("WV", house.code, serial), created_at=at, updated_at=at, warehouse=house
    )
    record([(wave, "release", "", wave.status)], by=by, at=at)
    path = picking_path.s_shape(
        picking_path.Stop(key, aisle, bay, code) for key, *_, aisle, bay, code in unsent.values()
    )
    rows = [(number, *unsent[key][:7]) for number, key in enumerate(path, start=1)]
    staging = location.by_kind([house.pk])[house.pk, Location.Kind.STAGING]
    execute(SEND, {**transpose(list(TASKS), rows), "wave_id": wave.pk, "destination_id": staging})
    return wave


@unit_of_work()
def cancel(wave_id: UUID, *, reason: str = "", by: Actor, at: datetime) -> Wave:
    """Call the pickers back before anything was picked; the goods stay reserved for the next wave.

    :raises NotFound: when there is no such wave. :raises IllegalTransition: when it was picked already.
    """
    wave = lock_one(Wave.objects.filter(pk=wave_id))
    wave.advance("cancel", by=by, at=at, reason=reason)
    PickTask.objects.filter(wave=wave, status="OPEN").update(status="CANCELLED")
    return wave
