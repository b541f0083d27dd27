"""Let packages leave, and take them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from b2b.contracts.logistics import DeliveryFailed, Departed
from b2b.core.actor import Actor
from b2b.core.errors import NotYet
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock
from b2b.db.models import advance_all
from b2b.db.transactions import unit_of_work
from warehousing.models import Location, Package, PackageLine
from warehousing.ports import OwnGoods, pledges
from warehousing.selectors import location
from warehousing.services import movement

LEFT = {"package_id": "uuid", "shipment_id": "uuid"}
WRITE_LEFT = f"""
UPDATE warehousing_package package SET shipment_id = given.shipment_id
FROM {unnest(LEFT)} WHERE package.id = given.package_id
"""
# A pallet goes with the last of what stands on it, and is back when all of it is.
FOLLOW = """
WITH moved AS (
    UPDATE warehousing_handlingunit unit SET status = %(status)s WHERE unit.id = ANY(%(units)s::bigint[])
    RETURNING unit.parent_id, unit.location_id
)
UPDATE warehousing_handlingunit pallet SET status = %(status)s, location_id = below.location_id
FROM (SELECT parent_id, max(location_id) AS location_id FROM moved GROUP BY parent_id) below
WHERE pallet.id = below.parent_id AND NOT EXISTS (SELECT FROM warehousing_handlingunit other
    WHERE other.parent_id = pallet.id AND other.status <> %(status)s AND other.id <> ALL(%(units)s::bigint[]))
"""


@unit_of_work()
def depart(trip: Departed, *, by: Actor, at: datetime) -> int:
    """Issue the packages of a trip from staging to their customers; return how many left.

    A departure that is not newer than a package's latest is known already and changes nothing.

    :raises NotYet: when a package of the trip is not known, or is still out and its return not known.
    """
    shipment_of = {key: shipment.shipment_id for shipment in trip.shipments for key in shipment.package_ids}
    packages = lock(Package.objects.filter(pk__in=shipment_of))
    if len(packages) < len(shipment_of):
        raise NotYet(f"{len(shipment_of) - len(packages)} packages of trip {trip.number} are not known yet")
    leaving = [package for package in packages if package.departed_at is None or package.departed_at < at]
    if any(package.status == "DEPARTED" for package in leaving):
        raise NotYet(f"packages of trip {trip.number} are not known to be back yet")
    _carry(leaving, shipment_of, Location.Kind.STAGING, Location.Kind.CUSTOMER, status="SHIPPED", at=at)
    advance_all(leaving, "depart", by=by, at=at, reason=f"trip {trip.number}", departed_at=at)
    rows = transpose(list(LEFT), ((package.pk, shipment_of[package.pk]) for package in leaving))
    execute(WRITE_LEFT, rows)
    return len(leaving)


@unit_of_work()
def take_back(failure: DeliveryFailed, *, by: Actor, at: datetime) -> int:
    """Put the packages of a failed delivery back into staging, ready to leave again; return how many.

    A failure older than the packages' latest departure is stale and changes nothing.

    :raises NotYet: when the departure of the shipment is not known.
    """
    packages = lock(Package.objects.filter(shipment_id=failure.shipment_id))
    if not packages:
        raise NotYet(f"shipment {failure.number} has not departed, as far as is known")
    back = [
        package
        for package in packages
        if package.status == "DEPARTED" and package.departed_at is not None and package.departed_at <= at
    ]
    shipment_of = {package.pk: failure.shipment_id for package in back}
    _carry(back, shipment_of, Location.Kind.CUSTOMER, Location.Kind.STAGING, status="STORED", at=at)
    advance_all(back, "return_", by=by, at=at, reason=failure.reason)
    return len(back)


def _carry(
    packages: Sequence[Package],
    shipment_of: Mapping[UUID, UUID],
    source: str,
    destination: str,
    *,
    status: str,
    at: datetime,
) -> None:
    """Move all that is in the packages, and their units; each package is the document of its own movements."""
    if not packages:
        return
    places = location.by_kind({package.warehouse_id for package in packages})
    house = {package.pk: package.warehouse_id for package in packages}
    unit = {package.pk: package.handling_unit_id for package in packages}
    moves = [
        movement.Move(
            product_id=line.product_id,
            source_id=places[house[line.package_id], source],
            destination_id=places[house[line.package_id], destination],
            quantity=line.quantity,
            lot_id=line.lot_id,
            owner_id=line.owner_id,
            handling_unit_id=unit[line.package_id],
            document_id=line.package_id,
            shipment_id=shipment_of[line.package_id],
        )
        for line in PackageLine.objects.filter(package__in=house).order_by("package_id", "line_number")
    ]
    _ask_for_pledges(moves, packages, leaves=destination == Location.Kind.CUSTOMER, at=at)
    movement.post(moves, at=at, document_type="package", document_id=packages[0].pk)
    execute(FOLLOW, {"units": [key for key in unit.values() if key is not None], "status": status})


def _ask_for_pledges(
    moves: Sequence[movement.Move], packages: Sequence[Package], *, leaves: bool, at: datetime
) -> None:
    """Take a party's own goods out of what it may pledge; goods of the platform are nobody's pledge here."""
    own = [move for move in moves if move.owner_id is not None]
    if not own:
        return
    site = {package.pk: package.warehouse.site_id for package in packages}
    taken: dict[tuple[int, int, int], int] = {}
    for move in own:
        if move.owner_id is not None and move.document_id is not None:
            key = (move.owner_id, move.product_id, site[move.document_id])
            taken[key] = taken.get(key, 0) + (move.quantity if leaves else -move.quantity)
    goods = [OwnGoods(*key, quantity) for key, quantity in taken.items()]
    pledges().take(goods, document_id=packages[0].pk, at=at)
