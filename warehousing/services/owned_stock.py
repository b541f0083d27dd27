"""Tell finance of every movement that changes how much the platform owns, in the transaction that posts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from b2b.contracts.warehousing import MovedStock, StockMoved
from b2b.outbox.publish import publish
from warehousing.models import Location, StockStatus
from warehousing.services.movement_sql import COLUMNS

if TYPE_CHECKING:
    from warehousing.services.movement import Move

_NAMES: Final = (
    "owner_id", "to_owner_id", "source_id", "destination_id", "status", "to_status", "quantity"
)  # fmt: skip
_TOLD: Final = itemgetter(*map(list(COLUMNS).index, _NAMES))
# Goods that wait for an inspection or were rejected are not accepted, so nobody owes their price.
NOT_ACCEPTED: Final = (StockStatus.INSPECTION, StockStatus.DAMAGED)


def is_ours(owner_id: int | None, place: Location, status: str) -> bool:
    """Tell whether goods are the platform's own: in a real place, accepted, and nobody else's."""
    return owner_id is None and place.kind not in Location.VIRTUAL and status not in NOT_ACCEPTED


def changes(
    rows: Sequence[tuple[Any, ...]], places: Mapping[int, Location]
) -> dict[int, list[tuple[int, int]]]:
    """Return by index of the row at which sites (key) how much more or less is owned, base units; less comes first.

    Rows are movements as `movement_sql.COLUMNS` has them; `places` come with their warehouses.
    """
    found: dict[int, list[tuple[int, int]]] = {}
    for index, row in enumerate(rows):
        owner_id, to_owner_id, source_id, destination_id, status, to_status, quantity = _TOLD(row)
        source, destination = places[source_id], places[destination_id]
        parts = []
        if is_ours(owner_id, source, status):
            parts.append((source.warehouse.site_id, -quantity))
        if is_ours(to_owner_id, destination, to_status):
            parts.append((destination.warehouse.site_id, quantity))
        if parts and not (len(parts) == 2 and parts[0][0] == parts[1][0]):
            found[index] = parts
    return found


def tell(
    changed: Mapping[int, list[tuple[int, int]]],
    posted: Sequence[tuple[UUID, str, UUID | None, Move]],
    positions: Mapping[str, int] | None,
    *,
    at: datetime,
    recorded_at: datetime,
    document: tuple[str, UUID],
) -> None:
    """Publish StockMoved for the changes among the movements posted: (movement, kind, what it takes back, move)."""
    if not changed or positions is None:
        return
    document_type, document_id = document
    lines = []
    for index, parts in changed.items():
        movement, kind, reverses, move = posted[index]
        lines += [
            MovedStock(
                movement=movement,
                position=positions[str(movement)],
                product_id=move.product_id,
                warehouse_site_id=site_id,
                quantity=quantity,
                kind=kind,
                document_id=move.document_id or document_id,
                purchase_order_line_id=move.purchase_order_line_id,
                shipment_id=move.shipment_id,
                reverses=reverses,
            )
            for site_id, quantity in parts
        ]
    publish(
        StockMoved(
            occurred_at=at,
            recorded_at=recorded_at,
            document_type=document_type,
            document_id=document_id,
            lines=tuple(lines),
        )
    )
