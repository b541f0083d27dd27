"""How far and how long it is from place to place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from b2b.core.geo import GeoPoint, great_circle_m

Matrix = tuple[tuple[int, ...], ...]

ROAD_FACTOR_PERCENT = (
    130  # roads are about 1.3 times the great circle (detour index of road networks, 1.2 to 1.4)
)
SPEED_M_PER_HOUR = 40_000


class Roads(Protocol):
    """Who can tell distances in metres and driving times in seconds between points."""

    def matrices(self, points: Sequence[GeoPoint]) -> tuple[Matrix, Matrix]:
        """Return (distances, durations) between all pairs, in the order of `points`."""
        ...


@dataclass(frozen=True, slots=True)
class GreatCircleRoads:
    """Great-circle distance times a road factor, at one average speed; needs no map."""

    factor_percent: int = ROAD_FACTOR_PERCENT
    speed_m_per_hour: int = SPEED_M_PER_HOUR

    def distance_m(self, start: GeoPoint, end: GeoPoint) -> int:
        """Return the road distance in metres, rounded up."""
        return -(-great_circle_m(start, end) * self.factor_percent // 100)

    def duration_s(self, distance_m: int) -> int:
        """Return the driving time in seconds, rounded up."""
        return -(-distance_m * 3600 // self.speed_m_per_hour)

    def matrices(self, points: Sequence[GeoPoint]) -> tuple[Matrix, Matrix]:
        """Return (distances, durations); symmetric, with a zero diagonal."""
        rows = [[0] * len(points) for _ in points]
        for index, start in enumerate(points):
            for other in range(index):
                if points[other] != start:
                    rows[index][other] = rows[other][index] = self.distance_m(start, points[other])
        return tuple(map(tuple, rows)), tuple(tuple(map(self.duration_s, row)) for row in rows)
