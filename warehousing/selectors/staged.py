"""What stands in staging, and what of a wave is not packed yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from b2b.core.errors import NotFound
from b2b.db.bulk import fetch

TO_PACK = """
SELECT task.wave_id, demand.id, demand.dealer_id, demand.ship_to_site_id, task.product_id, task.lot_id, task.owner_id,
    (sum(task.picked_quantity) - coalesce(max(packed.quantity), 0))::bigint
FROM warehousing_picktask task
JOIN warehousing_demand demand ON demand.id = task.demand_id
LEFT JOIN warehousing_lot lot ON lot.id = task.lot_id
LEFT JOIN (
    SELECT package.wave_id, line.demand_id, line.lot_id, line.owner_id, sum(line.quantity) AS quantity
    FROM warehousing_packageline line JOIN warehousing_package package ON package.id = line.package_id
    WHERE package.wave_id = ANY(%(wave_ids)s::uuid[]) AND package.status NOT IN ('UNPACKED', 'PULLED')
    GROUP BY package.wave_id, line.demand_id, line.lot_id, line.owner_id
) packed ON packed.wave_id = task.wave_id AND packed.demand_id = demand.id
    AND packed.lot_id IS NOT DISTINCT FROM task.lot_id
    AND packed.owner_id IS NOT DISTINCT FROM task.owner_id
WHERE task.wave_id = ANY(%(wave_ids)s::uuid[]) AND task.status = 'PICKED' AND task.picked_quantity > 0
AND NOT demand.is_cancelled AND (lot.id IS NULL OR lot.status = 'RELEASED')
GROUP BY task.wave_id, demand.id, task.product_id, task.lot_id, task.owner_id
HAVING sum(task.picked_quantity) > coalesce(max(packed.quantity), 0)
ORDER BY task.wave_id, demand.dealer_id, demand.ship_to_site_id, min(task.task_number)
"""
# Loose goods, and goods in totes: units that are no packages.
LOOSE = """
SELECT quant.product_id, quant.lot_id, quant.owner_id, quant.handling_unit_id, quant.on_hand
FROM warehousing_quant quant
WHERE quant.location_id = %(location_id)s AND quant.product_id = ANY(%(product_ids)s::bigint[]) AND quant.on_hand > 0
AND quant.status = 'AVAILABLE'
AND NOT EXISTS (SELECT FROM warehousing_package package WHERE package.handling_unit_id = quant.handling_unit_id)
ORDER BY EXISTS (SELECT FROM warehousing_picktask task
    WHERE task.wave_id = %(wave_id)s AND task.unit_id = quant.handling_unit_id) DESC, quant.id
"""

Key = tuple[int, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Row:
    """Picked goods of one demand that are in no package yet, in base units."""

    wave_id: UUID
    demand_id: int
    dealer_id: int
    site_id: int
    product_id: int
    lot_id: int | None
    owner_id: int | None
    quantity: int

    @property
    def key(self) -> Key:
        """What goods these are, whoever they are for."""
        return self.product_id, self.lot_id, self.owner_id


def to_pack(wave_id: UUID) -> list[Row]:
    """Return what was picked in a wave and is not packed, by ship-to, without what may not leave any more."""
    return to_pack_of([wave_id])


def to_pack_of(wave_ids: Collection[UUID]) -> list[Row]:
    """Return what is to be packed in waves, the oldest wave first; one statement."""
    return [Row(*row) for row in fetch(TO_PACK, {"wave_ids": list(wave_ids)})]


class Pools:
    """Goods in staging that can be packed, by what they are; taken from the totes of the wave first."""

    def __init__(self, wave_id: UUID, location_id: int, product_ids: Collection[int]) -> None:
        given = {"wave_id": wave_id, "location_id": location_id, "product_ids": sorted(set(product_ids))}
        self.location_id = location_id
        self._held: dict[Key, list[list[int | None]]] = {}
        for product_id, lot_id, owner_id, unit_id, on_hand in fetch(LOOSE, given):
            self._held.setdefault((product_id, lot_id, owner_id), []).append([unit_id, on_hand])

    def draw(self, key: Key, quantity: int) -> list[tuple[int | None, int]]:
        """Take so much out of the pools and return from which units, with how much from each.

        :raises NotFound: when less stands in staging.
        """
        out: list[tuple[int | None, int]] = []
        for pool in self._held.get(key, []):
            part = min(quantity, pool[1] or 0)
            if part:
                out.append((pool[0], part))
                pool[1] = (pool[1] or 0) - part
                quantity -= part
        if quantity:
            raise NotFound(f"{quantity} units that were picked do not stand in staging", product=key[0])
        return out
