"""Shipments and vehicles as a planner sees them: jobs and vans, in whole seconds since an origin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from logistics.models import Shipment, Vehicle
from logistics.policies.figures import COST_UNITS
from logistics.policies.hours import moment
from logistics.policies.problem import FOREVER, VISIT, Job, Rest, Van

SERVICE_S = 600  # unloading at a stop
TURNAROUND = timedelta(minutes=30)  # reloading between two trips of a day
ORDINARY, LATE = 1, 2  # priorities


def seconds(at: datetime, origin: datetime) -> int:
    """Return the whole seconds from `origin` to `at`."""
    return int((at - origin).total_seconds())


def job(shipment: Shipment, location: int, day: date, origin: datetime) -> Job:
    """Return the visit that delivers a shipment on `day`."""
    return Job(
        key=str(shipment.pk),
        location=location,
        load=(shipment.weight_g, shipment.volume_cm3, shipment.pallets),
        # No vehicle leaves before the origin, so an opening before it (in another time zone) means "at once".
        opens_s=max(0, seconds(moment(day, shipment.opens, shipment.time_zone), origin)),
        closes_s=max(0, seconds(moment(day, shipment.closes, shipment.time_zone), origin)),
        service_s=SERVICE_S,
        skills=frozenset(shipment.required_skills),
        priority=LATE if shipment.need_by_date and shipment.need_by_date <= day else ORDINARY,
    )


def van(
    vehicle: Vehicle,
    *,
    day: date,
    origin: datetime,
    at: datetime,
    time_zone: str,
    busy_until: datetime | None = None,
    frozen: Sequence[str] = (),
) -> Van | None:
    """Return what is left of a vehicle's day at `at`, None when nothing is; its round begins with the `frozen` jobs."""
    starts = max(moment(day, vehicle.shift_start, time_zone), at)
    if busy_until:
        starts = max(starts, busy_until + TURNAROUND)
    ends = moment(day, vehicle.shift_end, time_zone)
    if starts >= ends:
        return None
    places = FOREVER if vehicle.capacity_pallets is None else vehicle.capacity_pallets
    return Van(
        key=str(vehicle.pk),
        capacity=(vehicle.capacity_weight_g, vehicle.capacity_volume_cm3, places),
        # Whole seconds, rounded up: a van never starts before it is there.
        starts_s=seconds(starts + timedelta(microseconds=999_999), origin),
        ends_s=seconds(ends, origin),
        cost_per_m=int(vehicle.cost_per_km * COST_UNITS / 1000),
        cost_per_s=int(vehicle.cost_per_hour * COST_UNITS / 3600),
        skills=frozenset(vehicle.skills),
        fixed_cost=int(vehicle.cost_per_trip * COST_UNITS),
        rests=_rests(vehicle, day, origin, time_zone),
        frozen=tuple((key, VISIT) for key in frozen),
    )


def _rests(vehicle: Vehicle, day: date, origin: datetime, time_zone: str) -> tuple[Rest, ...]:
    """Return the break of the vehicle's driver, which no shift is without where one is kept for it."""
    if not vehicle.break_minutes or vehicle.break_from is None or vehicle.break_until is None:
        return ()
    opens, closes = (moment(day, at, time_zone) for at in (vehicle.break_from, vehicle.break_until))
    return (Rest(seconds(opens, origin), seconds(closes, origin), 60 * vehicle.break_minutes),)
