"""What left with a shipment, lot by lot, and what of it has not come back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from b2b.db.bulk import fetch, transpose, unnest

_ASKED: Final = {"shipment_id": "uuid", "order_line_id": "bigint"}
# What is expected back counts as back; once counted, only what was found.
_LEFT: Final = f"""
    SELECT asked.shipment_id, asked.order_line_id, package.warehouse_id, line.product_id, line.lot_id, line.owner_id,
        (sum(line.quantity) - coalesce((
            SELECT sum(coalesce(back.received_quantity, back.expected_quantity))
            FROM warehousing_returnreceiptline back JOIN warehousing_returnreceipt parent ON parent.id = back.receipt_id
            WHERE back.shipment_id = asked.shipment_id AND back.order_line_id = asked.order_line_id
                AND back.lot_id IS NOT DISTINCT FROM line.lot_id AND back.owner_id IS NOT DISTINCT FROM line.owner_id
                AND back.shipped_from_id = package.warehouse_id AND parent.status <> 'CANCELLED'), 0))::bigint
    FROM {unnest(_ASKED, "asked")}
    JOIN warehousing_package package ON package.shipment_id = asked.shipment_id AND package.status = 'DEPARTED'
    JOIN warehousing_packageline line ON line.package_id = package.id
    JOIN warehousing_demand demand ON demand.id = line.demand_id AND demand.order_line_id = asked.order_line_id
    GROUP BY asked.shipment_id, asked.order_line_id, package.warehouse_id, line.product_id, line.lot_id, line.owner_id
    ORDER BY asked.shipment_id, asked.order_line_id, min(line.id)
"""


@dataclass(slots=True)
class Shipped:
    """Goods of one lot and owner that left a warehouse with a shipment; `left` of them are with the customer."""

    warehouse_id: int
    product_id: int
    lot_id: int | None
    owner_id: int | None
    left: int


def left_with(asked: Collection[tuple[UUID, int]]) -> dict[tuple[UUID, int], list[Shipped]]:
    """Return (shipment, order line) -> its lots in the order they were packed, in one query."""
    found: dict[tuple[UUID, int], list[Shipped]] = defaultdict(list)
    rows = fetch(_LEFT, transpose(list(_ASKED), sorted(asked)))
    for shipment_id, order_line_id, warehouse_id, product_id, lot_id, owner_id, left in rows:
        found[shipment_id, order_line_id].append(Shipped(warehouse_id, product_id, lot_id, owner_id, left))
    return dict(found)
