"""Send people to put goods away: a task for whatever stands free at the dock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from b2b.catalog.models import Product
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from warehousing.models import Location, PutawayRule, PutawayTask
from warehousing.policies.putaway import Goods, Place, Rule, choose
from warehousing.selectors import cross_dock

# What stands free at the dock and nobody was sent for; goods in a unit go with it.
DOCK: Final = """
SELECT quant.id, quant.product_id, quant.owner_id, quant.lot_id, quant.handling_unit_id, quant.location_id,
    (quant.on_hand - quant.reserved - coalesce(asked.quantity, 0))::bigint
FROM warehousing_quant quant JOIN warehousing_location place ON place.id = quant.location_id
LEFT JOIN LATERAL (
    SELECT sum(task.quantity) AS quantity FROM warehousing_putawaytask task
    WHERE task.source_id = quant.location_id AND task.status IN ('OPEN', 'CLAIMED')
    AND task.product_id = quant.product_id AND task.lot_id IS NOT DISTINCT FROM quant.lot_id
    AND task.owner_id IS NOT DISTINCT FROM quant.owner_id
    AND task.handling_unit_id IS NOT DISTINCT FROM quant.handling_unit_id) asked ON true
WHERE place.warehouse_id = %(warehouse_id)s AND place.kind = 'RECEIVING' AND quant.status = 'AVAILABLE'
AND quant.on_hand - quant.reserved > coalesce(asked.quantity, 0)
ORDER BY quant.since_at, quant.id
"""
# What each place holds and will hold: units, volume, weight, and which lots.
HOLDS: Final = """
SELECT place_id, sum(quantity)::bigint, sum(quantity * product.volume_cm3)::bigint,
    sum(quantity * product.weight_g)::bigint,
    array_agg(product_id), array_agg(lot_id)
FROM (
    SELECT quant.location_id AS place_id, quant.product_id, quant.lot_id, quant.on_hand AS quantity
    FROM warehousing_quant quant JOIN warehousing_location place ON place.id = quant.location_id
    WHERE place.warehouse_id = %(warehouse_id)s AND quant.on_hand > 0 AND NOT place.kind = ANY(%(virtual)s)
    UNION ALL
    SELECT task.destination_id, task.product_id, task.lot_id, task.quantity FROM warehousing_putawaytask task
    WHERE task.warehouse_id = %(warehouse_id)s AND task.status IN ('OPEN', 'CLAIMED')
) held JOIN catalog_product product ON product.id = held.product_id GROUP BY place_id
"""
TASKS: Final = {
    "product_id": "bigint",
    "owner_id": "bigint",
    "lot_id": "bigint",
    "handling_unit_id": "bigint",
    "source_id": "bigint",
    "destination_id": "bigint",
    "quantity": "bigint",
}
SEND: Final = f"""
INSERT INTO warehousing_putawaytask (kind, warehouse_id, document_id, status, priority, claimed_by, created_at,
    product_id, owner_id, lot_id, handling_unit_id, source_id, destination_id, quantity)
SELECT %(kind)s, %(warehouse_id)s, %(document_id)s, 'OPEN', %(priority)s, '', %(at)s, product_id, owner_id, lot_id,
    handling_unit_id, source_id, destination_id, quantity
FROM {unnest(TASKS)}
"""


@unit_of_work()
def plan(warehouse_id: int, *, document_id: UUID, at: datetime) -> int:
    """Make a task for everything that stands free at the dock, and return for how many units no place was found.

    Goods that waiting demands are promised stay at the dock: pickers take them from there straight to staging. In a
    constant number of statements; safe to call at any time.
    """
    advisory_lock(f"putaway {warehouse_id}")
    asked = {"warehouse_id": warehouse_id}
    stock = fetch(DOCK, asked)
    if not stock:
        return 0
    held = cross_dock.held(warehouse_id)
    quantities = {}
    for key, product_id, owner_id, _lot, _unit, _place, free in stock:
        stays = min(free, held.get((product_id, owner_id), 0))
        if stays:
            held[product_id, owner_id] -= stays
        quantities[key] = free - stays
    rows = {row[0]: row for row in stock if quantities[row[0]]}
    products = Product.objects.in_bulk({row[1] for row in rows.values()})
    goods = [
        Goods(
            key=key,
            product_id=row[1],
            quantity=quantities[key],
            lot_id=row[3],
            category=products[row[1]].category,
            temperature=temperature(products[row[1]]),
            volume_cm3=products[row[1]].volume_cm3,
            weight_g=products[row[1]].weight_g,
        )
        for key, row in rows.items()
    ]
    puts = choose(goods, places(warehouse_id), rules(warehouse_id))
    send(
        PutawayTask.Kind.PUTAWAY,
        warehouse_id,
        ((*rows[put.goods][1:6], put.place, put.quantity) for put in puts if put.place is not None),
        document_id=document_id,
        at=at,
    )
    return sum(put.quantity for put in puts if put.place is None)


def send(
    kind: str,
    warehouse_id: int,
    tasks: Iterable[Sequence[object]],
    *,
    document_id: UUID,
    at: datetime,
    priority: int = 100,
) -> int:
    """Write tasks in one statement and return how many; rows are in the order of TASKS."""
    rows = transpose(list(TASKS), tasks)
    given = {"kind": kind, "warehouse_id": warehouse_id, "document_id": document_id}
    return execute(SEND, {**rows, **given, "priority": priority, "at": at})


def temperature(product: Product) -> str:
    """Return the temperature class a product is kept at: its attribute `temperature`, else ambient."""
    named = str(product.attributes.get("temperature", "")).upper()
    return named if named in Location.Temperature.values else Location.Temperature.AMBIENT


def rules(warehouse_id: int) -> list[Rule]:
    """Return the rules of a house as the policy takes them."""
    return [
        Rule(one.priority, one.product_id, one.category, one.location_id, one.zone, one.only_own_lot)
        for one in PutawayRule.objects.filter(warehouse_id=warehouse_id, is_active=True)
    ]


def places(warehouse_id: int, *, keys: Collection[int] | None = None) -> list[Place]:
    """Return the open storage places of a house, or those of `keys`, with what they hold and have room for.

    Places that others stand within are no places of their own.
    """
    found = Location.objects.filter(warehouse_id=warehouse_id, is_active=True)
    found = found.filter(kind=Location.Kind.STORAGE) if keys is None else found.filter(pk__in=keys)
    parents = set(
        Location.objects.filter(warehouse_id=warehouse_id, parent__isnull=False).values_list(
            "parent_id", flat=True
        )
    )
    asked = {"warehouse_id": warehouse_id, "virtual": list(Location.VIRTUAL)}
    holds = {place: tuple(rest) for place, *rest in fetch(HOLDS, asked)}
    return [_place(one, holds.get(one.pk)) for one in found if one.pk not in parents]


def _place(one: Location, holds: tuple[Any, ...] | None) -> Place:
    units, volume, weight, products, lots = holds or (0, 0, 0, (), ())
    return Place(
        key=one.pk,
        walk=(one.walk_sequence, one.aisle, one.bay, one.level),
        zone=one.zone,
        temperature=one.temperature,
        units_left=_left(one.capacity_units, units),
        volume_left=_left(one.capacity_volume_cm3, volume),
        weight_left=_left(one.capacity_weight_g, weight),
        holds=frozenset(zip(products, lots, strict=True)),
    )


def _left(capacity: int | None, used: int) -> int | None:
    return None if capacity is None else max(0, capacity - used)
