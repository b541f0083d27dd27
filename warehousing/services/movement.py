"""Move stock: the only writer of the ledger and of what quants hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from b2b.core.errors import DomainError, Invalid, NotFound
from b2b.core.ids import uuid7
from b2b.db.bulk import fetch, transpose, unnest
from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from warehousing.models import Location, Quant, StockLedgerEntry


class NotEnoughStock(DomainError):
    """There is less on hand, or less of it free, than this would take away."""

    code = "not_enough_stock"


@dataclass(frozen=True, slots=True)
class Move:
    """Take a quantity (base units, positive) from one location to another.

    `reserved` of it were reserved at the source and are not any more once they have left. `document_id` names the
    document of this one move where it is not that of the whole post.
    """

    product_id: int
    source_id: int
    destination_id: int
    quantity: int
    lot_id: int | None = None
    owner_id: int | None = None
    reserved: int = 0
    document_id: UUID | None = None


COLUMNS = {
    "movement": "uuid",
    "owner_id": "bigint",
    "product_id": "bigint",
    "lot_id": "bigint",
    "source_id": "bigint",
    "destination_id": "bigint",
    "quantity": "bigint",
    "reserved": "bigint",
    "own_document": "uuid",
    "reverses": "uuid",
}

# Lowering is guarded by its WHERE and by the CHECK of the table; raising may meet a row another session just made.
POST = f"""
WITH given AS (SELECT * FROM {unnest(COLUMNS)}),
legs AS (
    SELECT movement, owner_id, product_id, lot_id, source_id AS location_id, -quantity AS quantity,
        -reserved AS reserved, own_document, reverses FROM given
    UNION ALL
    SELECT movement, owner_id, product_id, lot_id, destination_id, quantity, 0, own_document, reverses FROM given
),
entries AS (
    INSERT INTO warehousing_stockledgerentry (movement, owner_id, product_id, lot_id, location_id, quantity,
        effective_at, recorded_at, document_type, document_id, reason, reverses)
    SELECT movement, owner_id, product_id, lot_id, location_id, quantity,
        %(effective_at)s, midstream_now(), %(document_type)s,
        coalesce(own_document, %(document_id)s), %(reason)s, reverses
    FROM legs
),
deltas AS (
    SELECT owner_id, product_id, lot_id, location_id,
        sum(quantity)::bigint AS on_hand, sum(reserved)::bigint AS reserved
    FROM legs WHERE location_id = ANY(%(real)s::bigint[])
    GROUP BY owner_id, product_id, lot_id, location_id
),
lowered AS (
    UPDATE warehousing_quant quant
    SET on_hand = quant.on_hand + delta.on_hand, reserved = quant.reserved + delta.reserved
    FROM deltas delta
    WHERE quant.product_id = delta.product_id AND quant.location_id = delta.location_id
    AND quant.lot_id IS NOT DISTINCT FROM delta.lot_id AND quant.owner_id IS NOT DISTINCT FROM delta.owner_id
    AND (delta.on_hand < 0 OR delta.reserved < 0)
    AND quant.reserved + delta.reserved >= 0
    AND quant.on_hand + delta.on_hand >= quant.reserved + delta.reserved
    RETURNING 1
),
raised AS (
    INSERT INTO warehousing_quant AS quant (owner_id, product_id, lot_id, location_id, on_hand, reserved, since_at)
    SELECT owner_id, product_id, lot_id, location_id, on_hand, 0, %(effective_at)s
    FROM deltas WHERE on_hand >= 0 AND reserved >= 0 ORDER BY product_id, location_id, lot_id, owner_id
    ON CONFLICT (product_id, location_id, lot_id, owner_id) DO UPDATE SET
        since_at = CASE WHEN quant.on_hand = 0 THEN excluded.since_at ELSE quant.since_at END,
        on_hand = quant.on_hand + excluded.on_hand
    RETURNING 1
)
SELECT (SELECT count(*) FROM deltas) - (SELECT count(*) FROM lowered) - (SELECT count(*) FROM raised)
"""


@unit_of_work()
def post(
    moves: Sequence[Move], *, at: datetime, document_type: str, document_id: UUID, reason: str = ""
) -> list[UUID]:
    """Post moves as double entries and return a movement id for each; all or none, in a constant number of statements.

    Quants of real locations are locked in key order first. `at` is when it took effect, which may be in the past.

    :raises Invalid: when a quantity is not positive or a move leads nowhere.
    :raises NotFound: when a location is unknown.
    :raises NotEnoughStock: when anything would fall below zero or below what is reserved.
    """
    return _post([(move, None) for move in moves], at, document_type, document_id, reason)


@unit_of_work()
def reverse(
    movements: Sequence[UUID], *, at: datetime, document_type: str, document_id: UUID, reason: str
) -> list[UUID]:
    """Take movements back by posting the opposite ones; history stays as it was.

    :raises NotFound: when there is no such movement. :raises NotEnoughStock: when the goods have moved on.
    """
    legs = StockLedgerEntry.objects.filter(movement__in=movements).order_by("movement", "quantity")
    by_movement: dict[UUID, list[StockLedgerEntry]] = {}
    for leg in legs:
        by_movement.setdefault(leg.movement, []).append(leg)
    if set(movements) - by_movement.keys():
        raise NotFound("there is no such movement")
    pairs = [
        (
            Move(
                product_id=taken.product_id,
                source_id=given.location_id,
                destination_id=taken.location_id,
                quantity=given.quantity,
                lot_id=taken.lot_id,
                owner_id=taken.owner_id,
            ),
            movement,
        )
        for movement, (taken, given) in by_movement.items()
    ]
    return _post(pairs, at, document_type, document_id, reason)


def _post(
    moves: Sequence[tuple[Move, UUID | None]],
    at: datetime,
    document_type: str,
    document_id: UUID,
    reason: str,
) -> list[UUID]:
    if not moves:
        return []
    for move, _ in moves:
        if (
            move.quantity < 1
            or not 0 <= move.reserved <= move.quantity
            or move.source_id == move.destination_id
        ):
            raise Invalid(f"cannot move {move.quantity} units from {move.source_id} to {move.destination_id}")
    named = {key for move, _ in moves for key in (move.source_id, move.destination_id)}
    kinds = dict(Location.objects.filter(pk__in=named).values_list("pk", "kind"))
    if named - kinds.keys():
        raise NotFound("there is no such location")
    real = [key for key, kind in kinds.items() if kind not in Location.VIRTUAL]
    lock(Quant.objects.filter(product_id__in={move.product_id for move, _ in moves}, location_id__in=real))
    ids = [uuid7() for _ in moves]
    rows = [
        (
            movement,
            move.owner_id,
            move.product_id,
            move.lot_id,
            move.source_id,
            move.destination_id,
            move.quantity,
            move.reserved,
            move.document_id,
            reverses,
        )
        for movement, (move, reverses) in zip(ids, moves, strict=True)
    ]
    given = {
        **transpose(list(COLUMNS), rows),
        "real": real,
        "effective_at": at,
        "document_type": document_type,
        "document_id": document_id,
        "reason": reason,
    }
    [(refused,)] = fetch(POST, given)
    if refused:
        raise NotEnoughStock(f"{refused} of these movements would take more than there is")
    return ids
