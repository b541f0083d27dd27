"""Which vehicles could fetch which loads: the nearest that fit, for many loads at once, and the best pairs of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden
from b2b.core.geo import GeoPoint, great_circle_m
from b2b.db.bulk import fetch, transpose, unnest
from logistics.policies.assignment import assign
from logistics.policies.roads import GreatCircleRoads
from logistics.selectors.nearest import FITS, FRESH, MOST, SOON, SPARE, reach_m

NEAREST: Final = 5  # candidates of a load, unless the caller wants more
COLUMNS: Final = {
    "load": "bigint",
    "lat": "float8",
    "lon": "float8",
    "weight": "bigint",
    "volume": "bigint",
    "skills": "text",
}
CANDIDATES: Final = f"""
    SELECT load, near.* FROM {unnest(COLUMNS, "wanted")}
    CROSS JOIN LATERAL (
        SELECT vehicle.id, vehicle.code, mirror.carrier_id, mirror.latitude, mirror.longitude,
            vehicle.capacity_weight_g, vehicle.capacity_volume_cm3, mirror.place <-> point(lon, lat) AS degrees
        {FITS.format(weight="wanted.weight", volume="wanted.volume", skills="wanted.skills::varchar[]")}
        ORDER BY mirror.place <-> point(lon, lat) LIMIT %(limit)s
    ) near
"""


@dataclass(frozen=True, slots=True)
class Load:
    """Goods to be fetched at `pickup` until a moment, by a vehicle with room and skills; `key` is the caller's name."""

    key: int
    pickup: GeoPoint
    weight_g: int
    volume_cm3: int
    skills: frozenset[str] = frozenset()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A vehicle that could fetch a load, and why it is asked: how far, how soon, how much room it has beyond."""

    load: int
    vehicle_id: int
    code: str
    carrier_id: int
    distance_m: int
    drive_s: int
    arrives_at: datetime
    spare_weight_g: int
    spare_volume_cm3: int

    @property
    def reasons(self) -> list[dict[str, int | str]]:
        """The same as data for an offer."""
        return [
            {"code": "NEAR", "vehicle": self.code, "distance_m": self.distance_m, "drive_s": self.drive_s},
            {"code": "ROOM", "weight_g": self.spare_weight_g, "volume_cm3": self.spare_volume_cm3},
        ]


def candidates(
    actor: Actor, loads: Sequence[Load], *, at: datetime, count: int = NEAREST
) -> dict[int, list[Candidate]]:
    """Return for each load the nearest vehicles that are free, on shift, large and skilled enough and there in time.

    One statement, whatever the number of loads; it is asked again with more where degrees leave a doubt who is
    nearest (see logistics.selectors.nearest). :raises Forbidden: unless the operator or the platform asks.
    """
    if not actor.sees_all:
        raise Forbidden("only the operator sees the vehicles of all carriers")
    count = min(count, MOST)
    by_key = {load.key: load for load in loads}
    rows = [
        (
            load.key,
            load.pickup.latitude,
            load.pickup.longitude,
            load.weight_g,
            load.volume_cm3,
            "{" + ",".join(sorted(load.skills)) + "}",
        )
        for load in loads
    ]
    params = {
        **transpose(list(COLUMNS), rows),
        "since": at - FRESH,
        "at": at,
        "soon": at + SOON,
        "zone": settings.TIME_ZONE,
    }
    limit = 2 * count + SPARE
    while True:
        found: dict[int, list[tuple[float, Candidate]]] = defaultdict(list)
        for key, *row, degrees in fetch(CANDIDATES, {**params, "limit": limit}):
            found[key].append((degrees, _candidate(by_key[key], row, at)))
        if all(_is_certain(by_key[key], near, count, limit) for key, near in found.items()):
            return {load.key: _best(load, found[load.key], count) for load in loads}
        limit *= 4


def _candidate(load: Load, row: Iterable[object], at: datetime) -> Candidate:
    vehicle_id, code, carrier_id, latitude, longitude, weight_g, volume_cm3 = row
    roads = GreatCircleRoads()
    seen = GeoPoint(float(latitude), float(longitude))  # type: ignore[arg-type]
    drive_s = roads.duration_s(roads.distance_m(seen, load.pickup))
    return Candidate(
        load.key,
        int(vehicle_id),  # type: ignore[call-overload]
        str(code),
        int(carrier_id),  # type: ignore[call-overload]
        great_circle_m(load.pickup, seen),
        drive_s,
        at + timedelta(seconds=drive_s),
        int(weight_g) - load.weight_g,  # type: ignore[call-overload]
        int(volume_cm3) - load.volume_cm3,  # type: ignore[call-overload]
    )


def _ranked(near: Iterable[tuple[float, Candidate]]) -> list[Candidate]:
    return sorted((one for _, one in near), key=lambda one: (one.distance_m, one.vehicle_id))


def _is_certain(load: Load, near: Sequence[tuple[float, Candidate]], count: int, limit: int) -> bool:
    """Tell whether no vehicle that was not fetched could be among the nearest."""
    if len(near) < limit:
        return True
    farthest = max(degrees for degrees, _ in near)
    return _ranked(near)[count - 1].distance_m <= reach_m(load.pickup.latitude, farthest)


def _best(load: Load, near: Sequence[tuple[float, Candidate]], count: int) -> list[Candidate]:
    in_time = (one for one in _ranked(near) if load.until is None or one.arrives_at <= load.until)
    return list(in_time)[:count]


def pairs(
    actor: Actor, loads: Sequence[Load], *, at: datetime, count: int = NEAREST
) -> tuple[dict[int, Candidate], dict[int, list[Candidate]]]:
    """Return the vehicle each load gets if all are fetched at once, and each load's candidates.

    A vehicle fetches one load. Among the candidates as many loads as can be are served in the least driving time.
    """
    known = candidates(actor, loads, at=at, count=max(count, min(MOST, len(loads))))
    by_pair = {(one.load, one.vehicle_id): one for near in known.values() for one in near}
    costs = {pair: one.drive_s for pair, one in by_pair.items()}
    chosen = assign(costs, [load.key for load in loads], sorted({vehicle for _, vehicle in costs}))
    return {pair[0]: by_pair[pair] for pair in chosen.items()}, {
        key: near[:count] for key, near in known.items()
    }
