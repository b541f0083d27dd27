"""Which positions can be believed: on the earth, not at (0, 0), not in the future, not faster than a lorry flies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from b2b.core.geo import GeoPoint, great_circle_m

MALFORMED: Final = "MALFORMED"
UNKNOWN_VEHICLE: Final = "UNKNOWN_VEHICLE"
AMBIGUOUS_VEHICLE: Final = "AMBIGUOUS_VEHICLE"
NOT_ON_EARTH: Final = "NOT_ON_EARTH"
NO_FIX: Final = "NO_FIX"
IN_THE_FUTURE: Final = "IN_THE_FUTURE"
TOO_OLD: Final = "TOO_OLD"
SPEED_JUMP: Final = "SPEED_JUMP"

REASONS: Final[dict[str, str]] = {
    MALFORMED: "the row cannot be read: vehicle, fix_at with its offset, latitude and longitude are needed",
    UNKNOWN_VEHICLE: "the caller has no such vehicle; register it first",
    AMBIGUOUS_VEHICLE: "several carriers have a vehicle of that code; let each send its own",
    NOT_ON_EARTH: "latitude goes from -90 to 90, longitude from -180 to 180, in decimal degrees",
    NO_FIX: "(0, 0) is what receivers tell without a fix",
    IN_THE_FUTURE: "the device's clock is ahead; set it",
    TOO_OLD: "older than the platform keeps positions",
    SPEED_JUMP: "the vehicle would have moved faster than any can; the receiver jumped",
}
SKEW: Final = timedelta(minutes=5)
OLDEST: Final = timedelta(days=90)
FASTEST_M_PER_S: Final = 70  # 252 km/h
SHORTEST_JUMP_M: Final = 500  # receivers between houses are off by as much


@dataclass(frozen=True, slots=True)
class Fix:
    """A position as its device tells it; `content` is the row as it came."""

    vehicle: str
    fix_at: datetime
    latitude: float
    longitude: float
    speed_kmh: float | None = None
    heading_degrees: float | None = None
    content: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that goes into quarantine, and why; `row` counts from 0."""

    row: int
    vehicle: str
    reason: str
    content: str


@dataclass(frozen=True, slots=True)
class Known:
    """A vehicle of the caller, and where it was seen last, if ever."""

    id: int
    carrier_id: int
    fix_at: datetime | None = None
    latitude: float = 0.0
    longitude: float = 0.0


def judge(
    fixes: Sequence[Fix | Refused],
    known: Mapping[str, Sequence[Known]],
    at: datetime,
    trusted: Collection[str] = (),
) -> tuple[list[tuple[Known, Fix]], list[Refused]]:
    """Return what can be believed, by vehicle and moment, and what cannot, by row.

    A position is held against the one before it of the same vehicle, in the batch or the newest known; one that comes
    late is held against the batch alone. Every row is in exactly one of the two. A jump is believed when SPEED_JUMP is
    among the `trusted` reasons.
    """
    good: list[tuple[Known, Fix]] = []
    refused = [one for one in fixes if isinstance(one, Refused)]
    rows = [(row, fix) for row, fix in enumerate(fixes) if isinstance(fix, Fix)]
    last: dict[int, Fix] = {}
    for row, fix in sorted(rows, key=lambda one: (one[1].vehicle, one[1].fix_at)):
        vehicles = known.get(fix.vehicle, ())
        reason = _fault(fix, vehicles, at)
        if not reason and SPEED_JUMP in trusted:
            vehicle = vehicles[0]
        elif not reason:
            vehicle = vehicles[0]
            reason = SPEED_JUMP if _jumps(vehicle, last.get(vehicle.id), fix) else ""
        if reason:
            refused.append(Refused(row, fix.vehicle, reason, fix.content))
            continue
        last[vehicle.id] = fix
        good.append((vehicle, fix))
    good.sort(key=lambda one: (one[0].id, one[1].fix_at))
    return good, sorted(refused, key=lambda one: one.row)


def _fault(fix: Fix, vehicles: Sequence[Known], at: datetime) -> str:
    if not vehicles:
        return UNKNOWN_VEHICLE
    if len(vehicles) > 1:
        return AMBIGUOUS_VEHICLE
    if not (-90 <= fix.latitude <= 90 and -180 <= fix.longitude <= 180):  # false for a NaN as well
        return NOT_ON_EARTH
    if abs(fix.latitude) < 1e-6 and abs(fix.longitude) < 1e-6:
        return NO_FIX
    if fix.fix_at > at + SKEW:
        return IN_THE_FUTURE
    return TOO_OLD if fix.fix_at < at - OLDEST else ""


def _jumps(vehicle: Known, before: Fix | None, fix: Fix) -> bool:
    if before is not None:
        since, latitude, longitude = before.fix_at, before.latitude, before.longitude
    elif vehicle.fix_at is not None and vehicle.fix_at < fix.fix_at:
        since, latitude, longitude = vehicle.fix_at, vehicle.latitude, vehicle.longitude
    else:
        return False
    if abs(latitude - fix.latitude) < 0.003 and abs(longitude - fix.longitude) < 0.003:
        return False  # less than the shortest jump anywhere on the earth: most fixes end here
    moved = great_circle_m(GeoPoint(latitude, longitude), GeoPoint(fix.latitude, fix.longitude))
    seconds = (fix.fix_at - since).total_seconds()
    return moved > SHORTEST_JUMP_M and moved > FASTEST_M_PER_S * seconds


def codes(fixes: Iterable[Fix | Refused]) -> list[str]:
    """Return the codes of the vehicles that rows name, each once."""
    return sorted({fix.vehicle for fix in fixes if isinstance(fix, Fix)})
