"""What really happened on trips that are done, counted once among what estimates are learned from."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from b2b.core.actor import Actor
from b2b.db.bulk import execute, fetch
from b2b.db.transactions import unit_of_work
from logistics.policies.pace import CLASSES, FARTHEST

MOST_TRIPS: Final = 2_000
# Ratios beyond this are a device that was off or a stop that was ticked off later, not traffic.
ABSURD: Final = 4.0

LENGTH: Final = "CASE {cases} ELSE '{farthest}' END".format(
    cases=" ".join(f"WHEN leg_m <= {most} THEN '{name}'" for most, name in CLASSES), farthest=FARTHEST
)
# A stop whose arrival was known only when it was left tells neither of its leg nor of its visit.
SEEN: Final = f"""
    WITH way AS (
        SELECT stop.trip_id, stop.sequence, stop.site_code, stop.leg_m, stop.leg_s, stop.service_s,
            stop.actual_arrival_at AS arrived, stop.left_at, stop.opens_at, warehouse.time_zone,
            coalesce(lag(stop.left_at) OVER trip_order, CASE WHEN stop.sequence = 1 THEN trip.departed_at END) AS began
        FROM logistics_stop stop
        JOIN logistics_trip trip ON trip.id = stop.trip_id
        JOIN directory_site warehouse ON warehouse.id = trip.warehouse_site_id
        WHERE stop.trip_id = ANY(%(trips)s)
        WINDOW trip_order AS (PARTITION BY stop.trip_id ORDER BY stop.sequence)
    ), legs AS (
        SELECT trip_id, sequence, {LENGTH} AS length,
            lpad(extract(hour FROM began AT TIME ZONE time_zone)::text, 2, '0') AS hour,
            ln(extract(epoch FROM arrived - began)::float8 / leg_s) AS ratio
        FROM way WHERE leg_s > 0 AND arrived > began AND arrived < left_at
    ), visits AS (
        SELECT site_code, ln(extract(epoch FROM left_at - greatest(arrived, opens_at))::float8 / service_s) AS ratio
        FROM way WHERE service_s > 0 AND arrived < left_at AND left_at > greatest(arrived, opens_at)
    )"""
COUNT: Final = (
    SEEN
    + """, told AS (
        SELECT 'LEG' AS kind, keys.key, ratio FROM legs
        CROSS JOIN LATERAL (VALUES (''), (length), (length || '@' || hour)) AS keys(key)
        WHERE abs(ratio) < ln(%(absurd)s)
        UNION ALL
        SELECT 'VISIT', keys.key, ratio FROM visits
        CROSS JOIN LATERAL (VALUES (''), (site_code)) AS keys(key) WHERE abs(ratio) < ln(%(absurd)s)
    )
    INSERT INTO logistics_pace AS pace (kind, key, count, log_sum, log_square_sum)
    SELECT kind, key, count(*), sum(ratio), sum(ratio * ratio) FROM told GROUP BY kind, key ORDER BY kind, key
    ON CONFLICT (kind, key) DO UPDATE SET count = pace.count + excluded.count,
        log_sum = pace.log_sum + excluded.log_sum, log_square_sum = pace.log_square_sum + excluded.log_square_sum
    """
)
# What neighbouring legs deviate in common from what is usual for their length and hour.
COMMON: Final = (
    SEEN
    + """, deviations AS (
        SELECT trip_id, sequence, ratio - pace.log_sum / pace.count AS own,
            lag(ratio - pace.log_sum / pace.count) OVER (PARTITION BY trip_id ORDER BY sequence) AS before
        FROM legs JOIN logistics_pace pace ON pace.kind = 'LEG' AND pace.key = length || '@' || hour
        WHERE abs(ratio) < ln(%(absurd)s)
    )
    INSERT INTO logistics_pace AS pace (kind, key, count, log_sum, log_square_sum)
    SELECT 'TRIP', '', count(*), sum(own), sum(own * before)
    FROM deviations WHERE before IS NOT NULL HAVING count(*) > 0
    ON CONFLICT (kind, key) DO UPDATE SET count = pace.count + excluded.count,
        log_sum = pace.log_sum + excluded.log_sum, log_square_sum = pace.log_square_sum + excluded.log_square_sum
    """
)
TAKE: Final = """
    UPDATE logistics_trip SET learned_at = %(at)s WHERE id IN (
        SELECT id FROM logistics_trip WHERE status = 'COMPLETED' AND learned_at IS NULL
        ORDER BY id LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id
"""


@unit_of_work()
def learn(*, by: Actor, at: datetime) -> int:
    """Count legs and visits of trips that are done and were not counted before; return how many trips.

    Three statements, whatever the number. Only the operator and the platform see paces: for anybody else nothing is
    there to be learned from.
    """
    if not by.sees_all:
        return 0
    trips = [key for (key,) in fetch(TAKE, {"at": at, "most": MOST_TRIPS})]
    if trips:
        execute(COUNT, {"trips": trips, "absurd": ABSURD})
        execute(COMMON, {"trips": trips, "absurd": ABSURD})
    return len(trips)
