"""A trip as its driver needs it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from logistics.models import Drop, ShipmentLine, Trip


def trip(actor: Actor, trip_id: UUID) -> dict[str, Any]:
    """Return a trip with its stops, what is dropped at each and the lines of it, as data for a page; four statements.

    :raises NotFound: when it is not the actor's.
    """
    found = (
        Trip.objects.visible_to(actor).select_related("vehicle", "warehouse_site").filter(pk=trip_id).first()
    )
    if found is None:
        raise NotFound("there is no such trip")
    drops = list(Drop.objects.visible_to(actor).filter(trip=found).order_by("pk"))
    lines: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    held = ShipmentLine.objects.visible_to(actor).filter(shipment__in=[drop.shipment_id for drop in drops])
    for line in held.select_related("product").order_by("shipment_id", "line_number"):
        lines[line.shipment_id].append(
            {"line_number": line.line_number, "name": line.product.name, "quantity": line.quantity}
        )
    at_stop: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for drop in drops:
        at_stop[drop.stop_id].append(
            {
                "id": str(drop.shipment_id),
                "number": drop.shipment_number,
                "outcome": drop.outcome,
                "weight_g": drop.weight_g,
                "lines": lines[drop.shipment_id],
            }
        )
    return {
        "number": found.number,
        "status": found.status,
        "vehicle": str(found.vehicle),
        "departs_at": found.departs_at.isoformat(),
        "stops": [
            {
                "sequence": stop.sequence,
                "name": stop.site_name,
                "address": stop.address,
                "latitude": str(stop.latitude),
                "longitude": str(stop.longitude),
                "planned_arrival_at": stop.planned_arrival_at.isoformat(),
                "arrived_at": stop.actual_arrival_at.isoformat() if stop.actual_arrival_at else None,
                "shipments": at_stop[stop.pk],
            }
            for stop in found.stops.order_by("sequence")
        ],
    }
