"""What the road says by itself: trips that something is wrong with."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from b2b.contracts.alerts import TripAlertCleared, TripAlertRaised
from b2b.core.actor import Actor
from b2b.core.errors import Forbidden
from b2b.db.bulk import execute, fetch
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from logistics.models import TripAlert
from logistics.policies.alerting import LIMITS, Limits

# What is wrong right now: (trip, stop, carrier, kind, figure); see logistics.policies.alerting for the limits.
WRONG: Final = """
    WITH moving AS (
        SELECT trip.id, trip.carrier_id, trip.vehicle_id, trip.departed_at, mirror.fix_at, mirror.latitude,
            mirror.longitude, next.id AS stop_id, next.planned_arrival_at, next.latitude::float8 AS to_lat,
            next.longitude::float8 AS to_lon, coalesce(last.latitude, depot.latitude)::float8 AS from_lat,
            coalesce(last.longitude, depot.longitude)::float8 AS from_lon
        FROM logistics_trip trip
        JOIN directory_site depot ON depot.id = trip.warehouse_site_id
        LEFT JOIN logistics_vehiclemirror mirror ON mirror.vehicle_id = trip.vehicle_id
        LEFT JOIN LATERAL (
            SELECT stop.* FROM logistics_stop stop WHERE stop.trip_id = trip.id AND stop.actual_arrival_at IS NULL
            AND EXISTS (SELECT FROM logistics_drop visit WHERE visit.stop_id = stop.id AND visit.outcome = 'OPEN')
            ORDER BY stop.sequence LIMIT 1) next ON true
        LEFT JOIN LATERAL (
            SELECT stop.* FROM logistics_stop stop WHERE stop.trip_id = trip.id AND stop.actual_arrival_at IS NOT NULL
            ORDER BY stop.actual_arrival_at DESC LIMIT 1) last ON true
        WHERE trip.status = 'DEPARTED'),
    due AS (
        SELECT stop.id AS stop_id, stop.trip_id, stop.carrier_id, stop.planned_arrival_at, max(
            ((stop.planned_arrival_at AT TIME ZONE shipment.time_zone)::date + shipment.closes)
                AT TIME ZONE shipment.time_zone) AS closes_at
        FROM logistics_stop stop JOIN moving ON moving.id = stop.trip_id
        JOIN logistics_drop visit ON visit.stop_id = stop.id AND visit.outcome = 'OPEN'
        JOIN logistics_shipment shipment ON shipment.id = visit.shipment_id
        WHERE stop.actual_arrival_at IS NULL GROUP BY stop.id),
    still AS (
        SELECT moving.id, moving.carrier_id, extract(epoch FROM %(at)s - min(fix.fix_at))::bigint AS seconds
        FROM moving JOIN logistics_positionfix fix ON fix.vehicle_id = moving.vehicle_id
            AND fix.fix_at BETWEEN greatest(moving.departed_at, %(at)s - %(stopped)s) AND %(at)s
        WHERE NOT EXISTS (
            SELECT FROM logistics_stop stop WHERE stop.trip_id = moving.id AND logistics_distance_m(
                moving.latitude, moving.longitude, stop.latitude::float8, stop.longitude::float8) <= %(fence_m)s)
        GROUP BY moving.id, moving.carrier_id
        HAVING count(*) > 1 AND min(fix.fix_at) <= %(at)s - %(stopped)s * 0.8
            AND logistics_distance_m(
                min(fix.latitude), min(fix.longitude), max(fix.latitude), max(fix.longitude)) <= %(still_m)s)
    SELECT trip_id, stop_id, carrier_id, 'MISSED_WINDOW' AS kind,
        extract(epoch FROM %(at)s - closes_at)::bigint AS figure FROM due WHERE closes_at < %(at)s
    UNION ALL
    SELECT trip_id, stop_id, carrier_id, 'LATE', extract(epoch FROM %(at)s - planned_arrival_at)::bigint
        FROM due WHERE planned_arrival_at < %(at)s - %(late)s AND closes_at >= %(at)s
    UNION ALL
    SELECT id, NULL, carrier_id, 'STOPPED', seconds FROM still
    UNION ALL
    SELECT id, NULL, carrier_id, 'NO_SIGNAL', extract(epoch FROM %(at)s - fix_at)::bigint
        FROM moving WHERE fix_at IS NOT NULL AND greatest(fix_at, departed_at) < %(at)s - %(silent)s
    UNION ALL
    SELECT id, NULL, carrier_id, 'OFF_ROUTE', detour FROM (
        SELECT moving.*, logistics_distance_m(from_lat, from_lon, latitude, longitude)
            + logistics_distance_m(latitude, longitude, to_lat, to_lon)
            - logistics_distance_m(from_lat, from_lon, to_lat, to_lon) AS detour
        FROM moving WHERE stop_id IS NOT NULL AND fix_at >= greatest(departed_at, %(at)s - %(silent)s)) seen
        WHERE detour > %(detour_m)s
"""


@unit_of_work()
def raise_alerts(*, by: Actor, at: datetime, limits: Limits = LIMITS) -> tuple[int, int]:
    """Raise what has gone wrong, clear what is right again and return how many of each; as many statements for one
    trip as for all.

    :raises Forbidden: unless the operator or the platform asks.
    """
    _operator_only(by)
    execute("LOCK TABLE logistics_tripalert IN SHARE ROW EXCLUSIVE MODE")
    params = {"at": at, **limits.params}
    execute(f"CREATE TEMPORARY TABLE wrong ON COMMIT DROP AS {WRONG}", params)
    cleared = fetch(
        """
        UPDATE logistics_tripalert alert SET cleared_at = %(at)s
        WHERE cleared_at IS NULL AND NOT EXISTS (
            SELECT FROM wrong WHERE wrong.trip_id = alert.trip_id AND wrong.kind = alert.kind
            AND wrong.stop_id IS NOT DISTINCT FROM alert.stop_id)
        RETURNING alert.id, alert.trip_id, alert.carrier_id, alert.kind, alert.raised_at
        """,
        params,
    )
    raised = fetch(
        """
        INSERT INTO logistics_tripalert (trip_id, stop_id, carrier_id, kind, raised_at, figure)
        SELECT trip_id, stop_id, carrier_id, kind, %(at)s, figure FROM wrong
        ON CONFLICT DO NOTHING RETURNING id, trip_id, carrier_id, kind, figure
        """,
        params,
    )
    execute("DROP TABLE wrong")
    publish(*(_raised(row, at) for row in raised), *(_cleared(row, at) for row in cleared))
    return len(raised), len(cleared)


def _raised(row: tuple[Any, ...], at: datetime) -> TripAlertRaised:
    key, trip_id, carrier_id, kind, figure = row
    return TripAlertRaised(
        occurred_at=at, alert_id=key, trip_id=trip_id, carrier_id=carrier_id, kind=kind, figure=figure
    )


def _cleared(row: tuple[Any, ...], at: datetime) -> TripAlertCleared:
    key, trip_id, carrier_id, kind, raised_at = row
    return TripAlertCleared(
        occurred_at=at, alert_id=key, trip_id=trip_id, carrier_id=carrier_id, kind=kind, raised_at=raised_at
    )


@unit_of_work()
def take(alert_id: int, *, by: Actor) -> TripAlert:
    """Make a person the owner of an open alert, whoever had it before.

    :raises Forbidden: unless a person of the operator asks. :raises NotFound: when it is not open.
    """
    _operator_only(by)
    if by.user_id is None:
        raise Forbidden("a person looks after an alert")
    alert = lock_one(TripAlert.objects.filter(pk=alert_id, cleared_at=None))
    alert.owner_id = by.user_id
    alert.save(update_fields=["owner"])
    return alert


def _operator_only(by: Actor) -> None:
    if not by.sees_all:
        raise Forbidden("only the operator watches the road")
