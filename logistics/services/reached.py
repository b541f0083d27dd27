"""Stops that vehicles are seen at: reached when a position lies within their circle."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from b2b.core.actor import Actor
from b2b.db.bulk import execute
from b2b.db.transactions import unit_of_work

REACH_M: Final = 200
SINCE: Final = timedelta(hours=2)  # a device that was out of reach tells later where it was
# The circle is drawn on the plane, which is exact to a millimetre at this size.
NOTE: Final = """
    WITH following AS (
        SELECT DISTINCT ON (stop.trip_id) stop.id, trip.vehicle_id, stop.latitude::float8 AS latitude,
            stop.longitude::float8 AS longitude,
            greatest(trip.departed_at, (SELECT max(former.left_at) FROM logistics_stop former
                WHERE former.trip_id = stop.trip_id AND former.sequence < stop.sequence)) AS since
        FROM logistics_trip trip JOIN logistics_stop stop ON stop.trip_id = trip.id
        WHERE trip.status = 'DEPARTED' AND stop.actual_arrival_at IS NULL
        ORDER BY stop.trip_id, stop.sequence
    ), seen AS (
        SELECT following.id, min(fix.fix_at) AS at
        FROM following JOIN logistics_positionfix fix ON fix.vehicle_id = following.vehicle_id
            AND fix.fix_at >= following.since AND fix.fix_at >= %(since)s
        WHERE sqrt(power((fix.latitude - following.latitude) * 111195, 2)
            + power((fix.longitude - following.longitude) * 111195 * cos(radians(following.latitude)), 2)) <= %(reach)s
        GROUP BY following.id
    )
    UPDATE logistics_stop stop SET actual_arrival_at = seen.at FROM seen
    WHERE stop.id = seen.id AND stop.actual_arrival_at IS NULL
"""


@unit_of_work()
def note(*, by: Actor, at: datetime) -> int:
    """Note the arrival at the next stop of every trip whose vehicle was seen there; return how many, one statement.

    An arrival that is known already stays as it is.
    """
    if not by.sees_all:
        return 0
    return execute(NOTE, {"since": at - SINCE, "reach": REACH_M})
