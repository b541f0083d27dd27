"""What is known of when goods arrive: the paces learned, and the estimates told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, Q

from b2b.core.actor import Actor
from b2b.db.querysets import ScopedQuerySet
from logistics import states
from logistics.models import ArrivalEstimate, Drop, Pace, Trip
from logistics.policies.pace import ANY, Paces, Tally


def paces(actor: Actor, places: Collection[str]) -> Paces:
    """Return all that was learned of legs, and of visits to these drop points."""
    wanted = Pace.objects.visible_to(actor).filter(
        ~Q(kind=Pace.Kind.VISIT) | Q(kind=Pace.Kind.VISIT, key__in=[ANY, *places])
    )
    rows = wanted.values_list("kind", "key", "count", "log_sum", "log_square_sum")
    return Paces({(kind, key): Tally(*told) for kind, key, *told in rows})


def of_shipment(actor: Actor, shipment_id: UUID | None) -> ScopedQuerySet[ArrivalEstimate]:
    """Return what was told of a shipment that the actor receives, carries or oversees."""
    return ArrivalEstimate.objects.visible_to(actor).filter(shipment_id=shipment_id)


@dataclass(frozen=True, slots=True)
class Told:
    """What was told last of a shipment."""

    p80_at: datetime
    is_late: bool


def under_way(actor: Actor) -> list[Trip]:
    """Return the trips that have left and are not done, with stops, drops, shipments and where their vehicles are."""
    drops = Prefetch("stops__drops", Drop.objects.select_related("shipment").order_by("pk"))
    trips = Trip.objects.visible_to(actor).filter(status=states.DEPARTED)
    joined = trips.select_related("vehicle__mirror", "warehouse_site")
    return list(joined.prefetch_related("stops", drops).order_by("pk"))


def last_told(actor: Actor, trip_ids: Collection[UUID]) -> dict[UUID, Told]:
    """Return shipment -> what was told last of it on these trips."""
    told = ArrivalEstimate.objects.visible_to(actor).filter(trip_id__in=set(trip_ids))
    newest = told.order_by("shipment_id", "-id").distinct("shipment_id")
    rows = newest.values_list("shipment_id", "p80_at", "is_late")
    return {shipment_id: Told(p80_at, is_late) for shipment_id, p80_at, is_late in rows}
