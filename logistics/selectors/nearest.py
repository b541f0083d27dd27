"""The nearest vehicles that are free and fit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, radians, sqrt
from typing import Final

from django.conf import settings

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden
from b2b.core.geo import EARTH_RADIUS_M, GeoPoint, great_circle_m
from b2b.db.bulk import fetch

FRESH: Final = timedelta(minutes=30)
MOST: Final = 100
SPARE: Final = 10
# The index orders by degrees, in which a parallel is as long as the equator; who is nearest is told afterwards.
# What makes a vehicle fit; braces take what a load needs, from parameters or from a column.
FITS: Final = """
    FROM logistics_vehiclemirror mirror
    JOIN logistics_vehicle vehicle ON vehicle.id = mirror.vehicle_id
    LEFT JOIN directory_site site ON site.id = vehicle.warehouse_site_id
    WHERE vehicle.is_active AND mirror.fix_at >= %(since)s
        AND vehicle.capacity_weight_g >= {weight} AND vehicle.capacity_volume_cm3 >= {volume}
        AND vehicle.skills @> {skills}
        AND (%(at)s AT TIME ZONE coalesce(site.time_zone, %(zone)s))::time
            BETWEEN vehicle.shift_start AND vehicle.shift_end
        AND NOT EXISTS (
            SELECT FROM logistics_trip trip WHERE trip.vehicle_id = vehicle.id
            AND (trip.status = 'DEPARTED' OR trip.status = 'PLANNED' AND trip.departs_at <= %(soon)s))
"""
NEAREST: Final = f"""
    SELECT vehicle.id, vehicle.code, mirror.carrier_id, mirror.latitude, mirror.longitude, mirror.fix_at,
        mirror.place <-> point(%(lon)s, %(lat)s) AS degrees
    {FITS.format(weight="%(weight)s", volume="%(volume)s", skills="%(skills)s::varchar[]")}
    ORDER BY mirror.place <-> point(%(lon)s, %(lat)s) LIMIT %(limit)s
"""
SOON: Final = timedelta(hours=2)  # a trip planned to leave within this takes its vehicle


@dataclass(frozen=True, slots=True)
class Near:
    """A vehicle that is free and fits, and how far away it was seen."""

    vehicle_id: int
    code: str
    carrier_id: int
    latitude: float
    longitude: float
    fix_at: datetime
    distance_m: int


def vehicles(
    actor: Actor,
    near: GeoPoint,
    *,
    at: datetime,
    count: int = 10,
    weight_g: int = 0,
    volume_cm3: int = 0,
    skills: Collection[str] = (),
) -> list[Near]:
    """Return the nearest vehicles by great-circle distance that have the room and the skills, are on shift and free.

    Positions older than FRESH do not count. Exact up to 20 degrees: as many are fetched by degrees as it takes to know
    that no other is nearer. :raises Forbidden: unless the operator or the platform asks.
    """
    if not actor.sees_all:
        raise Forbidden("only the operator sees the vehicles of all carriers")
    count = min(count, MOST)
    params = {
        "lat": near.latitude, "lon": near.longitude, "since": at - FRESH, "at": at, "soon": at + SOON,
        "weight": weight_g, "volume": volume_cm3, "skills": sorted(skills), "zone": settings.TIME_ZONE,
    }  # fmt: skip
    limit = 2 * count + SPARE
    while True:
        rows = fetch(NEAREST, {**params, "limit": limit})
        found = sorted((_near(near, row) for row in rows), key=lambda one: (one.distance_m, one.vehicle_id))
        if len(rows) < limit or found[count - 1].distance_m <= reach_m(near.latitude, rows[-1][-1]):
            return found[:count]
        limit *= 4


def _near(near: GeoPoint, row: tuple[int, str, int, float, float, datetime, float]) -> Near:
    key, code, carrier_id, latitude, longitude, fix_at, _ = row
    return Near(
        key,
        code,
        carrier_id,
        latitude,
        longitude,
        fix_at,
        great_circle_m(near, GeoPoint(latitude, longitude)),
    )


def reach_m(latitude: float, degrees: float) -> float:
    """Return a distance below which nothing lies that is more than so many degrees away on the plane."""
    farthest = min(89.9, abs(latitude) + degrees)
    shrinks = sqrt(cos(radians(latitude)) * cos(radians(farthest)))
    return 0.99 * EARTH_RADIUS_M * radians(degrees) * shrinks
