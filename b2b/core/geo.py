"""Points on the earth and the distance between them."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG


@dataclass(frozen=True, slots=True)
class GeoPoint:
    """A WGS 84 position in decimal degrees."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError(f"({self.latitude}, {self.longitude}) is not on the earth")


def great_circle_m(start: GeoPoint, end: GeoPoint) -> int:
    """Return the great-circle distance in metres (haversine formula)."""
    lat1, lat2 = radians(start.latitude), radians(end.latitude)
    half_lat = sin((lat2 - lat1) / 2) ** 2
    half_lon = sin(radians(end.longitude - start.longitude) / 2) ** 2
    return round(2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, half_lat + cos(lat1) * cos(lat2) * half_lon))))
