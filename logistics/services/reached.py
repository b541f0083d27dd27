"""Stops that vehicles are seen at: reached with the first position within their circle, and told as tracking events."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden
from b2b.db.bulk import fetch, transpose, unnest
from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from logistics.models import Shipment
from logistics.policies import tracking
from logistics.policies.alerting import LIMITS
from logistics.services.tracking import Sighting, append

GEOFENCE: Final = "geofence"  # the source of arrivals that positions tell
COLUMNS: Final = {"stop": "bigint", "at": "timestamptz"}

# Each trip is followed from stop to stop: only what was seen after the former stop counts, so that a place that is
# passed on the way to another one is not taken for an arrival, and positions in any order tell the same.
SEEN: Final = """
    WITH RECURSIVE road AS (
        SELECT trip.id AS trip_id, trip.vehicle_id, 0 AS sequence, trip.departed_at AS since, NULL::bigint AS stop_id,
            NULL::timestamptz AS known_at, NULL::timestamptz AS at
        FROM logistics_trip trip WHERE trip.status = 'DEPARTED'
        UNION ALL
        SELECT road.trip_id, road.vehicle_id, stop.sequence,
            greatest(road.since, least(stop.actual_arrival_at, seen.at), stop.left_at), stop.id,
            stop.actual_arrival_at, seen.at
        FROM road
        CROSS JOIN LATERAL (
            SELECT next.* FROM logistics_stop next WHERE next.trip_id = road.trip_id AND next.sequence > road.sequence
            ORDER BY next.sequence LIMIT 1) stop
        CROSS JOIN LATERAL (
            SELECT min(fix.fix_at) AS at FROM logistics_positionfix fix
            WHERE fix.vehicle_id = road.vehicle_id AND fix.fix_at BETWEEN road.since AND %(at)s
            AND abs(fix.latitude - stop.latitude::float8) < %(fence_m)s / 100000.0  -- cheap, and wider than the circle
            AND logistics_distance_m(fix.latitude, fix.longitude, stop.latitude::float8, stop.longitude::float8)
                <= %(fence_m)s) seen
        WHERE coalesce(stop.actual_arrival_at, seen.at) IS NOT NULL)
    SELECT road.stop_id, road.at, visit.shipment_id FROM road
    LEFT JOIN logistics_drop visit ON visit.stop_id = road.stop_id AND visit.outcome = 'OPEN'
    WHERE road.at < coalesce(road.known_at, 'infinity')
"""

NOTE: Final = f"""
    WITH moved AS (
        UPDATE logistics_stop stop SET actual_arrival_at = given.at FROM {unnest(COLUMNS)}
        WHERE stop.id = given.stop AND given.at < coalesce(stop.actual_arrival_at, 'infinity')
        RETURNING stop.id, given.at, stop.latitude, stop.longitude)
    SELECT moved.*, visit.shipment_id
    FROM moved LEFT JOIN logistics_drop visit ON visit.stop_id = moved.id AND visit.outcome = 'OPEN'
"""


@unit_of_work()
def note(*, by: Actor, at: datetime) -> int:
    """Note which stops vehicles have reached by their positions, tell it of what is dropped there, and return how many.

    As many statements for one trip as for all. An arrival that is known stays, unless the vehicle was seen there
    before it. :raises Forbidden: unless the operator or the platform asks.
    """
    if not by.sees_all:
        raise Forbidden("only the operator watches the road")
    seen = fetch(SEEN, {"at": at, "fence_m": LIMITS.fence_m})
    if not seen:
        return 0
    lock(Shipment.objects.filter(pk__in={shipment for _, _, shipment in seen if shipment}))
    arrivals = sorted({(stop, moment) for stop, moment, _ in seen})
    moved = fetch(NOTE, transpose(list(COLUMNS), arrivals))
    append(
        [
            Sighting(shipment, GEOFENCE, f"{stop}:arrived", tracking.ARRIVED, moment, latitude, longitude)
            for stop, moment, latitude, longitude, shipment in moved
            if shipment
        ],
        at=at,
    )
    return len({stop for stop, *_ in moved})
