"""Routes of a plan as trips, stops and drops, not yet saved."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.directory.selectors import organization as organizations
from logistics.models import Drop, Stop, Tariff, Trip, Vehicle
from logistics.policies import freight
from logistics.policies.problem import Route
from logistics.selectors import dispatching
from logistics.services.numbering import take_each
from logistics.services.planning import Proposal


@dataclass(slots=True)
class Round:
    """A trip with its stops and drops."""

    trip: Trip
    stops: list[Stop] = field(default_factory=list)
    drops: list[Drop] = field(default_factory=list)


def build(proposal: Proposal, *, at: datetime) -> list[Round]:
    """Return the routes as documents, numbered in their carriers' series and priced by their carriers' tariffs.

    A vehicle whose trip is replaced keeps that trip, with its number and driver.
    """
    draft = proposal.draft
    standing = {str(trip.vehicle_id): trip for trip in draft.standing}
    carrier_ids = {draft.vehicles[route.van].carrier_id for route in proposal.plan.routes}
    wanted: dict[int, int] = defaultdict(int)
    for route in proposal.plan.routes:
        if route.van not in standing:
            wanted[draft.vehicles[route.van].carrier_id] += 1
    carriers = organizations.by_id(wanted)
    numbers = take_each("TRIP", wanted, {key: carrier.code for key, carrier in carriers.items()}, "TR")
    prices = dispatching.tariffs(carrier_ids, zone=draft.warehouse.region, day=draft.day)
    rounds = []
    empty = {one.van: one.empty_m for one in proposal.figures.routes}
    for route in proposal.plan.routes:
        vehicle = draft.vehicles[route.van]
        made = Round(_trip(proposal, route, vehicle, prices.get(vehicle.carrier_id), at))
        made.trip.empty_m = empty[route.van]
        if route.van in standing:
            _succeed(made.trip, standing[route.van])
        else:
            made.trip.number = numbers[vehicle.carrier_id].pop(0)
        _add_stops(made, proposal, route)
        rounds.append(made)
    return rounds


def _trip(proposal: Proposal, route: Route, vehicle: Vehicle, tariff: Tariff | None, at: datetime) -> Trip:
    draft = proposal.draft
    shipments = [draft.shipments[call.job] for call in route.calls]
    weight_g = sum(shipment.weight_g for shipment in shipments)
    stops = sum(1 for _ in groupby(shipments, key=lambda shipment: shipment.ship_to_site_id))
    cost = proposal.agreed or _cost(route, vehicle, tariff, weight_g, stops)
    return Trip(
        id=uuid7(),
        carrier_id=vehicle.carrier_id,
        vehicle=vehicle,
        warehouse_site=draft.warehouse,
        departs_at=draft.origin + timedelta(seconds=route.departs_s),
        returns_at=draft.origin + timedelta(seconds=route.returns_s),
        distance_m=route.distance_m,
        duration_s=route.duration_s,
        weight_g=weight_g,
        volume_cm3=sum(shipment.volume_cm3 for shipment in shipments),
        pallets=sum(shipment.pallets for shipment in shipments),
        currency=cost.currency,
        cost=cost.amount,
        created_at=at,
        updated_at=at,
    )


def _succeed(trip: Trip, former: Trip) -> None:
    """Let a trip be the next version of an earlier one."""
    for name in ("pk", "number", "status", "version", "driver_id", "created_at"):
        setattr(trip, name, getattr(former, name))
    trip.plan_version = former.plan_version + 1


def _cost(route: Route, vehicle: Vehicle, tariff: Tariff | None, weight_g: int, stops: int) -> Money:
    if tariff is None:
        terms = freight.Terms(
            vehicle.currency,
            base=vehicle.cost_per_trip,
            per_km=vehicle.cost_per_km,
            per_hour=vehicle.cost_per_hour,
        )
    else:
        terms = freight.Terms(
            tariff.currency,
            base=tariff.base,
            per_km=tariff.per_km,
            per_kg=tariff.per_kg,
            minimum=tariff.minimum,
            per_stop=tariff.per_stop,
            breaks=tuple((1000 * one.from_kg, one.per_kg) for one in tariff.breaks.all()),
            surcharge_percent=tariff.surcharge_percent,
        )
    return freight.price(
        terms, distance_m=route.distance_m, duration_s=route.duration_s, weight_g=weight_g, stops=stops
    )


def _add_stops(made: Round, proposal: Proposal, route: Route) -> None:
    """Add a stop for each run of calls at one site, and a drop for each call."""
    draft = proposal.draft
    van = next(van for van in draft.problem.vans if van.key == route.van)
    held = {job for job, _ in van.frozen}
    jobs = draft.problem.tasks
    here, place = None, van.start
    for call in route.calls:
        shipment = draft.shipments[call.job]
        where = jobs[call.job, call.kind].where
        if shipment.ship_to_site_id != here:
            here = shipment.ship_to_site_id
            made.stops.append(
                Stop(
                    trip=made.trip,
                    carrier_id=made.trip.carrier_id,
                    sequence=len(made.stops) + 1,
                    site_code=shipment.ship_to_code,
                    site_name=shipment.ship_to_name,
                    address=shipment.ship_to_address,
                    latitude=shipment.latitude,
                    longitude=shipment.longitude,
                    planned_arrival_at=draft.origin + timedelta(seconds=call.arrives_s),
                    opens_at=draft.origin + timedelta(seconds=where.opens_s),
                    closes_at=draft.origin + timedelta(seconds=where.closes_s),
                    leg_m=draft.problem.distances[place][where.location],
                    leg_s=draft.problem.durations[place][where.location],
                    is_locked=call.job in held,
                )
            )
        made.stops[-1].service_s += call.leaves_s - call.starts_s
        place = where.location
        made.drops.append(
            Drop(
                trip=made.trip,
                stop=made.stops[-1],
                shipment=shipment,
                shipment_number=shipment.number,
                weight_g=shipment.weight_g,
                volume_cm3=shipment.volume_cm3,
                pallets=shipment.pallets,
                carrier_id=made.trip.carrier_id,
            )
        )
