"""Release work to the floor."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from b2b.catalog.models import Product
from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Invalid, NotFound
from b2b.db import sequences
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import advisory_lock, lock, lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from warehousing.models import Demand, Location, PickMethod, PickTask, Warehouse, Wave
from warehousing.policies import pick_lists
from warehousing.policies.picking_path import Stop, walk
from warehousing.ports import OwnGoods
from warehousing.selectors import location, own_goods, waiting
from warehousing.services import reservation


class NothingToPick(DomainError):
    """No goods are reserved that are not already being picked."""

    code = "nothing_to_pick"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a wave takes and how it is picked; empty means all.

    `zones` are zones of places, `regions` and `site_ids` where goods go: together they make a route; `demand_ids` are
    those alone that are picked for. `route`,
    `carrier_id` and `cut_off_at` are told to dispatch with the packages. A list has at most `list_size` picks (BATCH,
    ZONE) or `orders_per_list` orders (CLUSTER).
    """

    method: str = PickMethod.BATCH
    zones: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    site_ids: tuple[int, ...] = ()
    demand_ids: tuple[int, ...] = ()
    route: str = ""
    carrier_id: int | None = None
    cut_off_at: datetime | None = None
    list_size: int = 40
    orders_per_list: int = 8


ALL: Final = Plan()

# Reserved goods of a warehouse nobody has been sent for yet.
WAITING = """
SELECT kept.id, kept.demand_id, kept.quantity, quant.product_id, quant.owner_id, quant.lot_id, quant.location_id,
    place.aisle, place.bay, place.code, place.walk_sequence, place.level, place.zone, demand.order_id
FROM warehousing_reservation kept
JOIN warehousing_demand demand ON demand.id = kept.demand_id
JOIN warehousing_quant quant ON quant.id = kept.quant_id
JOIN warehousing_location place ON place.id = quant.location_id
JOIN directory_site site ON site.id = demand.ship_to_site_id
LEFT JOIN warehousing_lot lot ON lot.id = quant.lot_id
WHERE place.warehouse_id = %(warehouse_id)s AND kept.status = 'ACTIVE' AND NOT demand.is_cancelled
AND (lot.id IS NULL OR lot.status = 'RELEASED')
AND (%(until)s::date IS NULL OR demand.need_by_date IS NULL OR demand.need_by_date <= %(until)s::date)
AND (%(zones)s::text[] IS NULL OR place.zone = ANY(%(zones)s::text[]))
AND (%(regions)s::text[] IS NULL OR site.region = ANY(%(regions)s::text[]))
AND (%(site_ids)s::bigint[] IS NULL OR site.id = ANY(%(site_ids)s::bigint[]))
AND (%(demand_ids)s::bigint[] IS NULL OR demand.id = ANY(%(demand_ids)s::bigint[]))
AND NOT EXISTS (SELECT FROM warehousing_picktask task
    WHERE task.reservation_id = kept.id AND task.status <> 'CANCELLED')
"""
# Demands of a route; what is promised to others is not chosen yet.
OF_ROUTE = """
SELECT demand.id FROM warehousing_demand demand JOIN directory_site site ON site.id = demand.ship_to_site_id
WHERE NOT demand.is_cancelled AND EXISTS (SELECT FROM warehousing_promise promise WHERE promise.demand_id = demand.id)
AND (%(regions)s::text[] IS NULL OR site.region = ANY(%(regions)s::text[]))
AND (%(site_ids)s::bigint[] IS NULL OR site.id = ANY(%(site_ids)s::bigint[]))
AND (%(demand_ids)s::bigint[] IS NULL OR demand.id = ANY(%(demand_ids)s::bigint[]))
"""

LISTS = {"list_number": "integer", "zone": "text"}
OPEN_LISTS = f"""
INSERT INTO warehousing_picklist (wave_id, list_number, zone, picker)
SELECT %(wave_id)s, list_number, zone, '' FROM {unnest(LISTS)}
RETURNING list_number, id
"""
TASKS = {
    "pick_list_id": "bigint",
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
INSERT INTO warehousing_picktask (wave_id, destination_id, picked_quantity, status, {", ".join(TASKS)})
SELECT %(wave_id)s, %(destination_id)s, 0, 'OPEN', {", ".join(TASKS)} FROM {unnest(TASKS)}
"""

Row = tuple[Any, ...]


@unit_of_work()
def release(
    warehouse_id: int, *, until: date | None = None, plan: Plan = ALL, by: Actor, at: datetime
) -> Wave:
    """Choose goods for what is promised, and send pickers for all that is reserved, in the order of the walk.

    `until` leaves out what is needed later than that day, `plan` what is not of its route or zones. A constant number
    of statements.

    :raises NotFound: when there is no such warehouse. :raises NothingToPick: when nothing waits.
    :raises Invalid: when the plan has no such method, or lists without room.
    """
    house = Warehouse.objects.filter(pk=warehouse_id).first()
    if house is None:
        raise NotFound("there is no such warehouse")
    if plan.method not in PickMethod.values or plan.list_size < 1 or plan.orders_per_list < 1:
        raise Invalid("a wave is picked by a known method, on lists that hold something")
    advisory_lock(f"wave {warehouse_id}")
    asked = _asked(house.pk, until=until, plan=plan, demand_ids=list(plan.demand_ids) or None)
    is_part = plan.regions or plan.site_ids or plan.demand_ids
    of_route = [key for (key,) in fetch(OF_ROUTE, asked)] if is_part else None
    promised = waiting.promises(house.pk, until=until, today=at.date(), demand_ids=of_route)
    held = _hold(asked, promised)
    reservation.allocate(promised, at=at)
    unsent, pledged = _unpledged(house, _unsent(asked, held))
    if not unsent:
        raise NothingToPick(f"what waits is pledged: {', '.join(pledged)}" if pledged else "")
    [serial] = sequences.take("WAVE", house.pk)
    wave = Wave.objects.create(
        number=sequences.number("WV", house.code, serial),
        created_at=at,
        updated_at=at,
        warehouse=house,
        method=plan.method,
        route=plan.route,
        carrier_id=plan.carrier_id,
        cut_off_at=plan.cut_off_at,
    )
    why = f"left out, because its owner pledged it: {', '.join(pledged)}" if pledged else ""
    record([(wave, "release", "", wave.status)], by=by, at=at, reason=why[:200])
    parts = pick_lists.divide(
        map(_job, unsent.values()),
        plan.method,
        list_size=plan.list_size,
        orders_per_list=plan.orders_per_list,
    )
    opened = _open_lists(wave, [part.zone for part in parts], first=1)
    pairs = [(list_id, key) for list_id, part in zip(opened, parts, strict=True) for key in part.keys]
    _send(wave, [(list_id, unsent[key]) for list_id, key in pairs], first=1)
    return wave


def send_more(wave: Wave, lists: Mapping[int, int]) -> int:
    """Send for what was reserved for demands since, each on the list named for it (demand -> list); return how many.

    The caller holds the wave and the demands.
    """
    unsent, _ = _unpledged(wave.warehouse, _unsent(_asked(wave.warehouse_id, demand_ids=list(lists)), lists))
    if not unsent:
        return 0
    path = walk(_job(row).stop for row in unsent.values())
    last = (
        PickTask.objects.filter(wave=wave).order_by("-task_number").values_list("task_number", flat=True)[0]
    )
    _send(wave, [(lists[unsent[key][1]], unsent[key]) for key in path], first=last + 1)
    return len(unsent)


def _asked(
    warehouse_id: int, *, until: date | None = None, plan: Plan = ALL, demand_ids: list[int] | None = None
) -> dict[str, Any]:
    return {
        "warehouse_id": warehouse_id,
        "until": until,
        "zones": list(plan.zones) or None,
        "regions": list(plan.regions) or None,
        "site_ids": list(plan.site_ids) or None,
        "demand_ids": demand_ids,
    }


def _hold(asked: Mapping[str, Any], promised: Sequence[int]) -> set[int]:
    """Lock the demands of what waits and of what is promised, all at once: demands are locked before goods."""
    sent_for = {row[1] for row in fetch(WAITING, asked)}
    wanting = Demand.objects.filter(Q(pk__in=sent_for) | Q(promises__in=promised))
    return {demand.pk for demand in lock(Demand.objects.filter(pk__in=wanting.values("pk")).only("pk"))}


def _unsent(asked: Mapping[str, Any], held: Collection[int]) -> dict[int, Row]:
    """Return what waits of demands that are held: reservation -> row; what came since is of the next wave."""
    return {row[0]: row for row in fetch(WAITING, asked) if row[1] in held}


def _unpledged(house: Warehouse, unsent: dict[int, Row]) -> tuple[dict[int, Row], list[str]]:
    """Return what may be sent for, and the SKUs of what may not: its owner pledged it."""
    own = [(key, row) for key, row in sorted(unsent.items()) if row[4] is not None]
    goods = [OwnGoods(row[4], row[3], house.site_id, row[2]) for _, row in own]
    stopped = {own[place][0]: own[place][1][3] for place in own_goods.unfree(goods)}
    if not stopped:
        return unsent, []
    skus = Product.objects.filter(pk__in=set(stopped.values())).order_by("sku").values_list("sku", flat=True)
    return {key: row for key, row in unsent.items() if key not in stopped}, list(skus)


def _job(row: Row) -> pick_lists.Job:
    key, *_, aisle, bay, code, sequence, level, zone, order_id = row
    return pick_lists.Job(Stop(key, aisle, bay, code, sequence, level), order_id, zone)


def _open_lists(wave: Wave, zones: Sequence[str], *, first: int) -> list[int]:
    """Open a list for each zone and return their keys in order."""
    rows = transpose(list(LISTS), enumerate(zones, start=first))
    return [key for _, key in sorted(fetch(OPEN_LISTS, {**rows, "wave_id": wave.pk}))]


def _send(wave: Wave, rows: Sequence[tuple[int, Row]], *, first: int) -> None:
    staging = location.by_kind([wave.warehouse_id])[wave.warehouse_id, Location.Kind.STAGING]
    tasks = ((list_id, number, *row[:7]) for number, (list_id, row) in enumerate(rows, start=first))
    execute(SEND, {**transpose(list(TASKS), tasks), "wave_id": wave.pk, "destination_id": staging})


@unit_of_work()
def cancel(wave_id: UUID, *, reason: str = "", by: Actor, at: datetime) -> Wave:
    """Call the pickers back; what is not picked stays reserved for the next wave.

    A wave of which something was picked is picked with that, and packed as usual.

    :raises NotFound: when there is no such wave. :raises IllegalTransition: when it was picked already.
    """
    wave = lock_one(Wave.objects.filter(pk=wave_id))
    Wave.machine.next(wave.status, "cancel")
    tasks = PickTask.objects.filter(wave=wave)
    tasks.filter(status="OPEN").update(status="CANCELLED")
    has_picked = tasks.filter(status="PICKED", picked_quantity__gt=0).exists()
    wave.advance("pick" if has_picked else "cancel", by=by, at=at, reason=reason)
    return wave
