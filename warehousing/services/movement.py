"""Move stock: the only writer of the ledger and of what quants hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.core.errors import DomainError, Invalid, NotFound
from b2b.core.ids import uuid7
from b2b.db.bulk import fetch, transpose
from b2b.db.locks import lock, lock_by
from b2b.db.transactions import unit_of_work
from warehousing.models import HandlingUnit, Location, MovementKind, Serial, StockStatus
from warehousing.services import epcis, owned_stock
from warehousing.services.movement_sql import COLUMNS, LOCK, POST


class NotEnoughStock(DomainError):
    """There is less on hand, or less of it free, than this would take away."""

    code = "not_enough_stock"


class ClosedLocation(DomainError):
    """The place is closed and takes nothing in."""

    code = "closed_location"


class SerialElsewhere(DomainError):
    """A serial number is not where this would take it from."""

    code = "serial_elsewhere"


SAME: Final = -1
KIND: Final = list(COLUMNS).index("kind")


@dataclass(frozen=True, slots=True)
class Move:
    """Take a quantity (base units, positive) from one location to another, or change what it is in place.

    `reserved` of it were reserved at the source and are not any more once they have left. Goods stay in their handling
    unit and keep status and owner unless `into_unit_id`, `to_status` or `to_owner_id` says otherwise. A move of a
    serial is of one piece. `kind` and `document_id` are those of this one move where they are not told by its
    places, or are not those of the whole post. The purchase order line that goods come for, and the shipment they
    leave or come back with, say what they cost.
    """

    product_id: int
    source_id: int
    destination_id: int
    quantity: int
    lot_id: int | None = None
    owner_id: int | None = None
    reserved: int = 0
    document_id: UUID | None = None
    handling_unit_id: int | None = None
    into_unit_id: int | None = SAME
    status: str = StockStatus.AVAILABLE
    to_status: str = ""
    to_owner_id: int | None = SAME
    serial_id: int | None = None
    kind: str = ""
    purchase_order_line_id: int | None = None
    shipment_id: UUID | None = None


@unit_of_work()
def post(
    moves: Sequence[Move], *, at: datetime, document_type: str, document_id: UUID, reason: str = ""
) -> list[UUID]:
    """Post moves as double entries and return a movement id for each; all or none, in a constant number of statements.

    The quants are locked in key order first. `at` is when it took effect, which may be in the past.

    :raises Invalid: when a quantity is not positive or a move leads nowhere.
    :raises NotFound: when a location is unknown.
    :raises NotEnoughStock: when anything would fall below zero or below what is reserved.
    :raises ClosedLocation: when goods would come into a closed place.
    :raises SerialElsewhere: when a serial is not at its source.
    """
    return append([(move, None) for move in moves], at, document_type, document_id, reason)


def append(
    moves: Sequence[tuple[Move, UUID | None]],
    at: datetime,
    document_type: str,
    document_id: UUID,
    reason: str,
) -> list[UUID]:
    """Append moves, each with the movement it takes back if any; for corrections, which closed places do not stop."""
    if not moves:
        return []
    places = _places(moves)
    ids = [uuid7() for _ in moves]
    rows = [_row(key, move, reverses, places) for key, (move, reverses) in zip(ids, moves, strict=True)]
    changes = owned_stock.changes(rows, places)
    given = {
        **transpose(list(COLUMNS), rows),
        "told": [ids[index] for index in changes],
        "real": [key for key, place in places.items() if place.kind not in Location.VIRTUAL],
        "effective_at": at,
        "document_type": document_type,
        "document_id": document_id,
        "reason": reason,
    }
    _wait(moves, given)
    [(refused, elsewhere, recorded_at, positions)] = fetch(POST, given)
    if elsewhere:
        raise SerialElsewhere(f"{elsewhere} serial numbers are not where these movements take them from")
    if refused:
        raise NotEnoughStock(f"{refused} of these movements would take more than there is")
    epcis.record_moves(rows, at=at, document_type=document_type, document_id=document_id)
    posted = [
        (key, str(row[KIND]), reverses, move)
        for key, row, (move, reverses) in zip(ids, rows, moves, strict=True)
    ]
    owned_stock.tell(
        changes, posted, positions, at=at, recorded_at=recorded_at, document=(document_type, document_id)
    )
    return ids


def _places(moves: Sequence[tuple[Move, UUID | None]]) -> dict[int, Location]:
    """Return the locations named, once every move makes sense by itself."""
    serials: set[int] = set()
    for move, _ in moves:
        if (
            move.quantity < 1
            or not 0 <= move.reserved <= move.quantity
            or (move.source_id == move.destination_id and not _changes(move))
        ):
            raise Invalid(f"cannot move {move.quantity} units from {move.source_id} to {move.destination_id}")
        if move.serial_id is not None:
            if move.quantity != 1 or move.serial_id in serials:
                raise Invalid("a serial number is one piece, and moves once at a time")
            serials.add(move.serial_id)
    named = {key for move, _ in moves for key in (move.source_id, move.destination_id)}
    places = (
        Location.objects.select_related("warehouse")
        .only("pk", "kind", "code", "is_active", "warehouse__site_id")
        .in_bulk(named)
    )
    if named - places.keys():
        raise NotFound("there is no such location")
    closed = {
        places[move.destination_id].code
        for move, reverses in moves
        if reverses is None
        and move.source_id != move.destination_id
        and not places[move.destination_id].is_active
    }
    if closed:
        raise ClosedLocation(f"{', '.join(sorted(closed))} is closed", locations=sorted(closed))
    return places


def _changes(move: Move) -> bool:
    """Tell whether goods that stay where they are change unit, status or owner."""
    return (
        move.into_unit_id not in (SAME, move.handling_unit_id)
        or move.to_status not in ("", move.status)
        or move.to_owner_id not in (SAME, move.owner_id)
    )


def _row(key: UUID, move: Move, reverses: UUID | None, places: Mapping[int, Location]) -> tuple[object, ...]:
    to_owner_id = move.owner_id if move.to_owner_id == SAME else move.to_owner_id
    into_unit_id = move.handling_unit_id if move.into_unit_id == SAME else move.into_unit_id
    return (
        key,
        move.owner_id,
        to_owner_id,
        move.product_id,
        move.lot_id,
        move.serial_id,
        move.source_id,
        move.destination_id,
        move.handling_unit_id,
        into_unit_id,
        str(move.status),
        str(move.to_status or move.status),
        move.quantity,
        move.reserved,
        str(move.kind or _kind(move, places)),
        move.document_id,
        reverses,
    )


def _kind(move: Move, places: Mapping[int, Location]) -> MovementKind:
    """Say what a move is by where it leads."""
    source, destination = places[move.source_id].kind, places[move.destination_id].kind
    kinds, told = Location.Kind, MovementKind
    if kinds.LOSS in (source, destination):
        return told.SCRAP if destination == kinds.LOSS else told.COUNT
    if source == kinds.SUPPLIER:
        return told.RECEIPT
    if source == kinds.CUSTOMER:
        return told.RETURN
    if destination == kinds.CUSTOMER:
        return told.ISSUE
    if destination == kinds.SUPPLIER:
        return told.SEND_BACK
    if move.source_id != move.destination_id:
        return told.TRANSFER
    if move.to_owner_id not in (SAME, move.owner_id):
        return told.OWNER
    return told.STATUS if move.to_status not in ("", move.status) else told.PACK


def _wait(moves: Sequence[tuple[Move, UUID | None]], given: Mapping[str, object]) -> None:
    """Hold what is going to change in key order: units and serials, then balances."""
    units = {
        unit
        for move, _ in moves
        for unit in (move.handling_unit_id, move.into_unit_id)
        if unit not in (None, SAME)
    }
    serials = {move.serial_id for move, _ in moves if move.serial_id is not None}
    if units:
        lock(HandlingUnit.objects.filter(pk__in=units).only("pk"))
    if serials:
        lock(Serial.objects.filter(pk__in=serials).only("pk"))
    lock_by(LOCK, given)
