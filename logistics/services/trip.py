"""Trips leave the warehouse, or are called off before they do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from b2b.contracts.logistics import CarriedLine, CarriedShipment, Departed
from b2b.core.actor import CARRIER, Actor, acting_as, system
from b2b.core.errors import DomainError, Forbidden, NotFound
from b2b.core.money import Money
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock, lock_one
from b2b.db.models import advance_all
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from logistics import states
from logistics.models import Driver, Drop, FreightCharge, Shipment, ShipmentLine, ShipmentPackage, Trip
from logistics.policies import freight, tracking
from logistics.policies.roads import GreatCircleRoads
from logistics.selectors import dispatching
from logistics.services.tracking import PLATFORM, Sighting, append


class GoodsBlocked(DomainError):
    """Goods aboard were recalled, quarantined or pledged since they were packed."""

    code = "goods_blocked"


@unit_of_work()
def depart(trip_id: UUID, *, by: Actor, at: datetime, driver_id: int | None = None) -> Trip:
    """Let a trip leave with its shipments, fix their freight shares and publish Departed.

    Departed names those tried before as well: the warehouse took them back when they failed.

    :raises NotFound: when the trip is not the actor's. :raises Forbidden: unless its carrier, the operator or
    the platform asks. :raises IllegalTransition: when it has left already or was cancelled.
    :raises GoodsBlocked: when something aboard was recalled, quarantined or pledged.
    """
    trip = _hold(trip_id, by)
    changes: dict[str, Any] = {"departed_at": at}
    if driver_id is not None:
        if not Driver.objects.filter(pk=driver_id, carrier_id=trip.carrier_id, is_active=True).exists():
            raise NotFound("the carrier has no such driver")
        changes["driver_id"] = driver_id
    trip.advance("depart", by=by, at=at, **changes)
    shipments = _shipments(trip)
    if stopped := dispatching.blocked(shipments):
        raise GoodsBlocked(
            "pull these packages, or call the trip off and plan it anew without them: "
            + "; ".join(sorted(stopped.values())),
            shipment_ids=sorted(map(str, stopped)),
        )
    _charge(trip, shipments, at)
    advance_all(shipments, "depart", by=by, at=at)
    append(
        [
            Sighting(shipment.pk, PLATFORM, f"{trip.pk}:departed", tracking.IN_TRANSIT, at)
            for shipment in shipments
        ],
        at=at,
    )
    publish(
        Departed(
            occurred_at=at,
            trip_id=trip.pk,
            number=trip.number,
            carrier_id=trip.carrier_id,
            warehouse_site_id=trip.warehouse_site_id,
            shipments=_carried(shipments),
        )
    )
    return trip


@unit_of_work()
def cancel(trip_id: UUID, *, by: Actor, at: datetime, reason: str = "") -> Trip:
    """Call off a trip that has not left; its shipments wait for the next plan.

    :raises Forbidden: unless the operator or the platform asks. :raises IllegalTransition: when it has left.
    """
    if not by.sees_all:
        raise Forbidden("only the operator calls off a trip")
    trip = _hold(trip_id, by)
    trip.advance("cancel", by=by, at=at, reason=reason)
    shipments = _shipments(trip)
    Drop.objects.filter(trip=trip, outcome=Drop.Outcome.OPEN).update(
        outcome=Drop.Outcome.CANCELLED, ended_at=at, reason=reason[:300]
    )
    advance_all(shipments, "unplan", by=by, at=at, reason=reason, carrier_id=None, planned_arrival_at=None)
    return trip


def _hold(trip_id: UUID, by: Actor) -> Trip:
    if not (by.sees_all or by.kind == CARRIER):
        raise NotFound("there is no such trip")
    return lock_one(Trip.objects.visible_to(by).filter(pk=trip_id))


def _shipments(trip: Trip) -> list[Shipment]:
    aboard = Drop.objects.filter(trip=trip, outcome=Drop.Outcome.OPEN).values("shipment_id")
    return lock(Shipment.objects.filter(pk__in=aboard, status=states.PLANNED))


def _charge(trip: Trip, shipments: Sequence[Shipment], at: datetime) -> None:
    """Share the trip's cost over its shipments and write the shares; prices are no carrier's to read or write."""
    roads, start = GreatCircleRoads(), trip.warehouse_site.point
    bases = [
        freight.basis(
            weight_g=shipment.weight_g,
            volume_cm3=shipment.volume_cm3,
            distance_m=roads.distance_m(start, shipment.point),
        )
        for shipment in shipments
    ]
    shares = freight.share(Money(trip.cost, trip.currency), bases)
    with acting_as(system("freight")):
        FreightCharge.objects.bulk_create(
            FreightCharge(
                trip=trip,
                shipment=shipment,
                dealer_id=shipment.dealer_id,
                currency=part.currency,
                amount=part.amount,
                basis=weight,
                charged_at=at,
            )
            for shipment, part, weight in zip(shipments, shares, bases, strict=True)
        )
        _note(shipments, shares, at)


def _note(shipments: Sequence[Shipment], shares: Sequence[Money], at: datetime) -> None:
    columns = {"id": "uuid", "currency": "text", "amount": "numeric"}
    rows = []
    for shipment, part in zip(shipments, shares, strict=True):
        before = Money(shipment.freight_amount, shipment.currency)
        total = before + part if before.amount else part  # an earlier attempt has its cost too
        shipment.currency, shipment.freight_amount = total.currency, total.amount
        rows.append((shipment.pk, total.currency, total.amount))
    execute(
        f"""
        UPDATE logistics_shipment shipment SET currency = given.currency, freight_amount = given.amount,
            attempts = attempts + 1, departed_at = coalesce(departed_at, %(at)s)
        FROM {unnest(columns)} WHERE shipment.id = given.id
        """,
        {**transpose(list(columns), rows), "at": at},
    )


def _carried(shipments: Sequence[Shipment]) -> tuple[CarriedShipment, ...]:
    keys = [shipment.pk for shipment in shipments]
    lines: dict[UUID, list[CarriedLine]] = defaultdict(list)
    for line in ShipmentLine.objects.filter(shipment_id__in=keys).order_by("shipment_id", "line_number"):
        lines[line.shipment_id].append(
            CarriedLine(
                order_id=line.order_id,
                order_version=line.order_version,
                order_line_id=line.order_line_id,
                product_id=line.product_id,
                quantity=line.quantity,
            )
        )
    packages: dict[UUID, list[UUID]] = defaultdict(list)
    for package in ShipmentPackage.objects.filter(shipment_id__in=keys).order_by("pk"):
        packages[package.shipment_id].append(package.package_id)
    return tuple(
        CarriedShipment(
            shipment_id=shipment.pk,
            number=shipment.number,
            dealer_id=shipment.dealer_id,
            ship_to_site_id=shipment.ship_to_site_id,
            package_ids=tuple(packages[shipment.pk]),
            lines=tuple(lines[shipment.pk]),
        )
        for shipment in shipments
    )
