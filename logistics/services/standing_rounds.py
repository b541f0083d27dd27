"""Trips that were planned and have not left, as the plan they stand for and as what of it has to stay."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from b2b.core.actor import Actor
from logistics.models import Shipment, Trip
from logistics.policies.problem import Call, Plan, Route
from logistics.selectors import dispatching
from logistics.services.problem_parts import seconds

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """The trips to be planned anew, what is aboard, the plan they make, and by van what its round has to begin with."""

    trips: Sequence[Trip] = ()
    shipments: Sequence[Shipment] = ()
    plan: Plan = field(default_factory=Plan)
    frozen: dict[str, list[str]] = field(default_factory=dict)


def read(warehouse_site_id: int, *, by: Actor, origin: datetime, vehicle_ids: Collection[int]) -> Standing:
    """Return what stands for the day from `origin`; of a vehicle with several rounds that day the last one.

    All rounds of vehicles that are not among `vehicle_ids` are to be given to others.
    """
    trips = dispatching.standing(by, warehouse_site_id, since=origin, until=origin + DAY)
    last = {trip.vehicle_id: trip.pk for trip in trips}
    trips = [trip for trip in trips if trip.vehicle_id not in vehicle_ids or last[trip.vehicle_id] == trip.pk]
    return Standing(
        trips=trips,
        shipments=dispatching.aboard(by, trips),
        plan=Plan(tuple(_route(trip, origin) for trip in trips)),
        frozen={
            str(trip.vehicle_id): beginning
            for trip in trips
            if trip.vehicle_id in vehicle_ids and (beginning := _locked(trip))
        },
    )


def _route(trip: Trip, origin: datetime) -> Route:
    calls = []
    for stop in trip.stops.all():
        arrives = seconds(stop.planned_arrival_at, origin)
        calls += [Call(str(drop.shipment_id), arrives, arrives, arrives) for drop in stop.drops.all()]
    return Route(
        str(trip.vehicle_id),
        seconds(trip.departs_at, origin),
        seconds(trip.returns_at, origin),
        trip.distance_m,
        tuple(calls),
    )


def _locked(trip: Trip) -> list[str]:
    """Return the jobs up to the last locked stop."""
    stops = list(trip.stops.all())
    last = max((index for index, stop in enumerate(stops) if stop.is_locked), default=-1)
    return [str(drop.shipment_id) for stop in stops[: last + 1] for drop in stop.drops.all()]
