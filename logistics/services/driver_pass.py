"""Links that open one trip to whoever drives it: given out, recognised, taken back."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from b2b.core.actor import CARRIER, Actor, acting_as, system
from b2b.core.errors import NotFound
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from logistics import states
from logistics.models import DriverPass, Trip

AFTER_RETURN: Final = timedelta(hours=24)  # what was done without a network may be told so long after
DOOR: Final = system("driver's door")


@unit_of_work()
def issue(trip_id: UUID, *, by: Actor, at: datetime, driver_id: int | None = None) -> str:
    """Return the secret of a new link to a trip; those given out before are taken back.

    :raises NotFound: when the trip is not the actor's. :raises IllegalTransition: when it is over.
    """
    if not (by.sees_all or by.kind == CARRIER):
        raise NotFound("there is no such trip")
    trip = lock_one(Trip.objects.visible_to(by).filter(pk=trip_id))
    if trip.status == states.PLANNED:
        states.TRIP.next(trip.status, "depart")
    else:
        states.TRIP.next(trip.status, "complete")
    DriverPass.objects.filter(trip=trip, revoked_at=None).update(revoked_at=at)
    secret = secrets.token_urlsafe(24)
    DriverPass.objects.create(
        trip=trip,
        carrier_id=trip.carrier_id,
        driver_id=driver_id if driver_id is not None else trip.driver_id,
        secret_sha256=_hashed(secret),
        issued_at=at,
        expires_at=max(trip.returns_at, at) + AFTER_RETURN,
    )
    return secret


def recognise(secret: str, *, at: datetime) -> tuple[DriverPass, Actor]:
    """Return the pass of a secret and the carrier's actor it may act as, on its trip alone.

    :raises NotFound: when there is none, or it has expired or was taken back.
    """
    with acting_as(DOOR):
        found = (
            DriverPass.objects.filter(secret_sha256=_hashed(secret), revoked_at=None, expires_at__gt=at)
            .select_related("trip", "driver")
            .first()
        )
        if found is None:
            raise NotFound("this link is not valid any more; ask your dispatcher for a new one")
        carrier = Organization.objects.get(pk=found.carrier_id)
    name = found.driver.name if found.driver else "driver"
    actor = Actor(
        kind=CARRIER,
        organization_id=carrier.pk,
        organization_code=carrier.code,
        name=f"{name} ({carrier.code})",
    )
    return found, actor


def _hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
