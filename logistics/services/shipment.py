"""Shipments come from packages, and go back to the plan after a failed attempt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from b2b.contracts.warehousing import PackedUnit
from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, NotFound
from b2b.core.ids import uuid7
from b2b.db.locks import advisory_lock, lock, lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Site
from b2b.directory.selectors import site as sites
from logistics import ports, states
from logistics.models import Shipment, ShipmentPackage
from logistics.services import shipment_content
from logistics.services.numbering import take_each


class UnknownShipTo(NotFound):
    """A package is addressed to a site that nobody knows."""

    code = "unknown_ship_to"


def of_wave(wave_id: UUID) -> str:
    """Name the lock of whoever puts packages of a wave into shipments or takes them off."""
    return f"logistics.wave.{wave_id}"


@unit_of_work()
def create_from_packages(
    wave_id: UUID, *, warehouse_site_id: int, packages: Sequence[PackedUnit], by: Actor, at: datetime
) -> list[Shipment]:
    """Put packages of a wave into one shipment per drop point and return the shipments that grew.

    Idempotent per package; one that was pulled since is left out. Packages that come later join the wave's shipment
    while no plan holds it, else they make another one. :raises UnknownShipTo: when a drop point does not exist.
    """
    advisory_lock(of_wave(wave_id))
    known = ShipmentPackage.objects.filter(package_id__in=[unit.package_id for unit in packages])
    seen = set(known.values_list("package_id", flat=True))
    seen |= ports.staging().pulled([unit.package_id for unit in packages])
    groups: dict[int, dict[UUID, PackedUnit]] = defaultdict(dict)
    for unit in packages:
        if unit.package_id not in seen:
            groups[unit.ship_to_site_id][unit.package_id] = unit
    if not groups:
        return []
    waiting = {
        shipment.ship_to_site_id: shipment
        for shipment in lock(
            Shipment.objects.filter(
                wave_id=wave_id,
                warehouse_site_id=warehouse_site_id,
                ship_to_site_id__in=groups,
                status=states.READY,
            )
        )
    }
    places = sites.by_id(groups)
    if missing := groups.keys() - places.keys():
        raise UnknownShipTo(f"there is no site {min(missing)}", site_ids=sorted(missing))
    new = _new(
        groups,
        [places[key] for key in sorted(groups.keys() - waiting.keys())],
        wave_id,
        warehouse_site_id,
        at,
    )
    Shipment.objects.bulk_create(new)
    record(((shipment, "create", "", states.READY) for shipment in new), by=by, at=at)
    grown = {**waiting, **{shipment.ship_to_site_id: shipment for shipment in new}}
    shipment_content.add({grown[key].pk: list(units.values()) for key, units in groups.items()}, at=at)
    return sorted(grown.values(), key=lambda shipment: shipment.pk)


def _new(
    groups: Mapping[int, Mapping[UUID, PackedUnit]],
    places: Sequence[Site],
    wave_id: UUID,
    warehouse_site_id: int,
    at: datetime,
) -> list[Shipment]:
    """Return unsaved shipments to these places, numbered in their dealers' own series."""
    if not places:
        return []
    wanted: dict[int, int] = defaultdict(int)
    codes: dict[int, str] = {}
    for place in places:
        wanted[place.organization_id] += 1
        codes[place.organization_id] = place.organization.code
    numbers = take_each("SHIPMENT", wanted, codes, "SH")
    shipments = []
    for place in places:
        needed = [unit.need_by_date for unit in groups[place.pk].values() if unit.need_by_date]
        shipments.append(
            Shipment(
                id=uuid7(),
                number=numbers[place.organization_id].pop(0),
                dealer_id=place.organization_id,
                warehouse_site_id=warehouse_site_id,
                ship_to_site_id=place.pk,
                wave_id=wave_id,
                ship_to_code=place.code,
                ship_to_name=place.name,
                ship_to_address=place.address,
                latitude=place.latitude,
                longitude=place.longitude,
                opens=place.opens,
                closes=place.closes,
                time_zone=place.time_zone,
                need_by_date=min(needed, default=None),
                currency=place.organization.currency,
                created_at=at,
                updated_at=at,
            )
        )
    return shipments


def _operator_only(by: Actor) -> None:
    if not by.sees_all:
        raise Forbidden("only the operator may do this")


@unit_of_work()
def retry(shipment_id: UUID, *, by: Actor, at: datetime, reason: str = "") -> Shipment:
    """Put a shipment whose delivery failed back to the plan; its carrier loses sight of it.

    :raises Forbidden: unless the operator or the platform asks. :raises IllegalTransition: when nothing failed.
    """
    _operator_only(by)
    shipment = lock_one(Shipment.objects.visible_to(by).filter(pk=shipment_id))
    shipment.advance("retry", by=by, at=at, reason=reason, carrier_id=None, planned_arrival_at=None)
    return shipment
