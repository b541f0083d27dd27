"""Make the books say what is on the shelf."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from b2b.core.errors import DomainError, Invalid, NotFound
from b2b.core.ids import uuid7
from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from warehousing.models import Location, MovementKind, Quant, StockStatus
from warehousing.selectors import location
from warehousing.services import movement


class CountedBelowReserved(DomainError):
    """Less was counted than is reserved for demands; release some of it first."""

    code = "counted_below_reserved"


@unit_of_work()
def adjust(
    location_id: int,
    *,
    product_id: int,
    lot_id: int | None = None,
    owner_id: int | None = None,
    counted: int,
    reason: str,
    at: datetime,
) -> int:
    """Set what is on hand to what was counted, against the warehouse's loss; return the difference, base units.

    :raises Invalid: when the count is negative or no reason is given.
    :raises NotFound: when the location is unknown or virtual.
    :raises CountedBelowReserved: when demands hold more than was found.
    """
    if counted < 0 or not reason.strip():
        raise Invalid("a count is never negative, and says why it differs")
    place = Location.objects.filter(pk=location_id).exclude(kind__in=Location.VIRTUAL).first()
    if place is None:
        raise NotFound("there is no such place to count")
    held = lock(
        Quant.objects.filter(
            location=place,
            product_id=product_id,
            lot=lot_id,
            owner=owner_id,
            handling_unit=None,
            status=StockStatus.AVAILABLE,
        )
    )
    on_hand, reserved = (held[0].on_hand, held[0].reserved) if held else (0, 0)
    if counted < reserved:
        raise CountedBelowReserved(f"{counted} counted, {reserved} reserved")
    difference = counted - on_hand
    if difference:
        loss = location.by_kind([place.warehouse_id])[place.warehouse_id, Location.Kind.LOSS]
        source, destination = (loss, place.pk) if difference > 0 else (place.pk, loss)
        document: UUID = uuid7()
        movement.post(
            [
                movement.Move(
                    product_id,
                    source,
                    destination,
                    abs(difference),
                    lot_id,
                    owner_id,
                    kind=MovementKind.COUNT,
                )
            ],
            at=at,
            document_type="count",
            document_id=document,
            reason=reason,
        )
    return difference
