"""The end of a visit: a drop closed, a stop reached, perhaps a trip done."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models.functions import Coalesce, Greatest

from b2b.core.actor import CARRIER, Actor
from b2b.core.errors import Forbidden, NotFound
from b2b.core.machine import IllegalTransition
from b2b.db.locks import lock_one
from b2b.db.transactions import Busy
from logistics import states
from logistics.models import Drop, Shipment, Stop, Trip


def visible(shipment_id: UUID, by: Actor) -> Shipment:
    """Return a shipment `by` may deliver.

    :raises NotFound: when it is not theirs to see. :raises Forbidden: when they may see it only.
    """
    shipment = Shipment.objects.visible_to(by).filter(pk=shipment_id).first()
    if shipment is None:
        raise NotFound("there is no such shipment")
    if not (by.sees_all or by.kind == CARRIER):
        raise Forbidden("only the carrier or the operator delivers")
    return shipment


def hold(shipment: Shipment) -> tuple[Shipment, Drop | None]:
    """Lock the trip a shipment is on, then the shipment; return it with its open drop, None unless it is in transit.

    :raises Busy: when it left at this very moment.
    """
    drop = Drop.objects.filter(shipment=shipment, outcome=Drop.Outcome.OPEN).first()
    trip = lock_one(Trip.objects.filter(pk=drop.trip_id)) if drop else None
    held = lock_one(Shipment.objects.filter(pk=shipment.pk))
    if held.status != states.IN_TRANSIT:
        return held, None
    # Read again under the lock: somebody may have ended the visit meanwhile.
    current = Drop.objects.filter(shipment=held, outcome=Drop.Outcome.OPEN).select_related("stop").first()
    if current is None or trip is None or current.trip_id != trip.pk:
        raise Busy
    current.trip = trip
    return held, current


def not_in_transit(shipment: Shipment, verb: str) -> IllegalTransition:
    """Return the refusal of a verb that only a shipment in transit allows."""
    return IllegalTransition(
        f"shipment {shipment.number} is {shipment.status}: cannot {verb}; it has to be on its way",
        state=shipment.status,
        verb=verb,
    )


def end(drop: Drop, outcome: str, *, by: Actor, at: datetime, arrived_at: datetime, reason: str = "") -> None:
    """Close a drop of a trip the caller holds; the trip completes with its last one."""
    Drop.objects.filter(pk=drop.pk).update(outcome=outcome, ended_at=arrived_at, reason=reason[:300])
    Stop.objects.filter(pk=drop.stop_id).update(
        actual_arrival_at=Coalesce("actual_arrival_at", arrived_at),
        left_at=Greatest(Coalesce("left_at", arrived_at), arrived_at),
    )
    trip = drop.trip
    still_open = Drop.objects.filter(trip=trip, outcome=Drop.Outcome.OPEN).exists()
    if trip.status == states.DEPARTED and not still_open:
        trip.advance("complete", by=by, at=at, completed_at=arrived_at)
