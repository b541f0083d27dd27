"""Take packages off shipments that have not left; what is left of them goes as planned."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef

from b2b.core.actor import Actor
from b2b.core.machine import IllegalTransition
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import advisory_lock, lock
from b2b.db.models import advance_all, record
from b2b.db.transactions import unit_of_work
from logistics import states
from logistics.models import Drop, Shipment, ShipmentPackage, Trip
from logistics.services.shipment import of_wave


class Off(NamedTuple):
    """A package that does not go: its wave, and base units of order lines in it."""

    package_id: UUID
    wave_id: UUID
    lines: Sequence[tuple[int, int]]


_LINES: Final = {"shipment_id": "uuid", "order_line_id": "bigint", "quantity": "bigint"}
_SUMS: Final = f"""
(SELECT shipment_id, order_line_id, sum(quantity)::bigint AS quantity FROM {unnest(_LINES)}
    GROUP BY shipment_id, order_line_id) gone
"""
_END_LINES: Final = f"""
DELETE FROM logistics_shipmentline line USING {_SUMS}
WHERE line.shipment_id = gone.shipment_id AND line.order_line_id = gone.order_line_id AND line.quantity <= gone.quantity
"""
_LOWER_LINES: Final = f"""
UPDATE logistics_shipmentline line SET quantity = line.quantity - gone.quantity FROM {_SUMS}
WHERE line.shipment_id = gone.shipment_id AND line.order_line_id = gone.order_line_id AND line.quantity > gone.quantity
"""
_UNLOAD: Final = """
WITH gone AS (
    DELETE FROM logistics_shipmentpackage WHERE package_id = ANY(%(packages)s::uuid[])
    RETURNING shipment_id, weight_g, volume_cm3
),
sums AS (
    SELECT shipment_id, sum(weight_g)::bigint AS weight_g, sum(volume_cm3)::bigint AS volume_cm3,
        (SELECT count(DISTINCT rest.pallet_sscc) FROM logistics_shipmentpackage rest
            WHERE rest.shipment_id = gone.shipment_id AND rest.pallet_sscc <> ''
                AND rest.package_id <> ALL(%(packages)s::uuid[])) AS pallets
    FROM gone GROUP BY shipment_id
),
drops AS (
    UPDATE logistics_drop visit SET weight_g = visit.weight_g - sums.weight_g,
        volume_cm3 = visit.volume_cm3 - sums.volume_cm3, pallets = sums.pallets
    FROM sums WHERE visit.shipment_id = sums.shipment_id AND visit.outcome = 'OPEN'
)
UPDATE logistics_shipment shipment SET weight_g = shipment.weight_g - sums.weight_g,
    volume_cm3 = shipment.volume_cm3 - sums.volume_cm3, pallets = sums.pallets,
    version = version + 1, updated_at = %(at)s
FROM sums WHERE shipment.id = sums.shipment_id
"""


@unit_of_work()
def take_off(packages: Sequence[Off], *, reason: str, by: Actor, at: datetime) -> list[Shipment]:
    """Take packages off their shipments and return these; one that is in no shipment yet will get into none.

    A shipment of which nothing is left is cancelled, and so is a trip without shipments. A constant number of
    statements.

    :raises IllegalTransition: when a shipment has left.
    """
    advisory_lock(*{of_wave(one.wave_id) for one in packages})
    shipment_of = dict(
        ShipmentPackage.objects.filter(package_id__in=[one.package_id for one in packages]).values_list(
            "package_id", "shipment_id"
        )
    )
    if not shipment_of:
        return []
    aboard = Drop.objects.filter(shipment__in=set(shipment_of.values()), outcome=Drop.Outcome.OPEN)
    trips = lock(
        Trip.objects.filter(pk__in=aboard.values("trip_id"))
    )  # before shipments, as a departure does
    shipments = lock(Shipment.objects.filter(pk__in=set(shipment_of.values())))
    if left := sorted(one.number for one in shipments if one.status not in (states.READY, states.PLANNED)):
        raise IllegalTransition(f"shipment {', '.join(left)} has left; stop it by hand")
    rows = [
        (shipment_of[one.package_id], *line)
        for one in packages
        if one.package_id in shipment_of
        for line in one.lines
    ]
    given = transpose(list(_LINES), rows)
    execute(_LOWER_LINES, given)
    execute(_END_LINES, given)
    execute(_UNLOAD, {"packages": list(shipment_of), "at": at})
    record([(one, "take_off", one.status, one.status) for one in shipments], by=by, at=at, reason=reason)
    _end_empty(shipments, trips, reason=reason, by=by, at=at)
    return shipments


def _end_empty(
    shipments: Collection[Shipment], trips: Sequence[Trip], *, reason: str, by: Actor, at: datetime
) -> None:
    """Cancel shipments nothing is left of, and trips without shipments."""
    full = ShipmentPackage.objects.filter(shipment=OuterRef("pk"))
    keys = set(
        Shipment.objects.filter(~Exists(full), pk__in=[one.pk for one in shipments]).values_list(
            "pk", flat=True
        )
    )
    empty = [one for one in shipments if one.pk in keys]
    if not empty:
        return
    visits = Drop.objects.filter(shipment__in=keys, outcome=Drop.Outcome.OPEN)
    visits.update(outcome=Drop.Outcome.CANCELLED, ended_at=at, reason=reason[:300])
    planned = [one for one in empty if one.status == states.PLANNED]
    advance_all(planned, "unplan", by=by, at=at, reason=reason, carrier_id=None, planned_arrival_at=None)
    advance_all(empty, "cancel", by=by, at=at, reason=reason)
    busy = set(
        Drop.objects.filter(trip__in=trips, outcome=Drop.Outcome.OPEN).values_list("trip_id", flat=True)
    )
    advance_all([trip for trip in trips if trip.pk not in busy], "cancel", by=by, at=at, reason=reason)
