"""Second thoughts of a packer: reopen, take out, put together, part, and stack cartons on a pallet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from warehousing.models import HandlingUnit, Location, MovementKind, Package, PackageLine, Warehouse
from warehousing.selectors import location
from warehousing.services import movement, nesting, sscc
from warehousing.services.carton import add_lines, held, held_all, refused, shares, weigh


@unit_of_work()
def reopen(package_sscc: str, *, by: Actor, at: datetime) -> Package:
    """Open a closed package of a wave that dispatch has not been told of.

    :raises NotFound: when there is none. :raises IllegalTransition: when it is not closed, or told already.
    """
    package = held(package_sscc, "PACKED")
    _refuse_told(package)
    weigh(package, at=at)  # what the scales said was of it as it was closed
    package.advance("reopen", by=by, at=at)
    return package


@unit_of_work()
def unpack(package_sscc: str, *, by: Actor, at: datetime) -> Package:
    """Take everything out of an open package; the goods stand loose in staging, its SSCC is never used again.

    :raises NotFound: when there is none. :raises IllegalTransition: when it is not open.
    """
    package = held(package_sscc, "OPEN")
    moves = [_out(package, line, line.quantity, None) for line in package.lines.order_by("line_number")]
    movement.post(moves, at=at, document_type="package", document_id=package.pk)
    package.advance("unpack", by=by, at=at)
    nesting.nest([package], None, at=at)
    HandlingUnit.objects.filter(pk=package.handling_unit_id).update(status="EMPTY")
    return package


@unit_of_work()
def shift(
    from_sscc: str, into_sscc: str, *, sku: str = "", quantity: int | None = None, at: datetime
) -> Package:
    """Move goods of an open package into another for the same ship-to: all (merge), or some of an SKU (split).

    The one they came from stays open, empty where nothing is left. Returns the one they went into.

    :raises NotFound: when there is none. :raises IllegalTransition: when one is not open.
    :raises Invalid: when they go to different places, or there is not so much of the SKU in it.
    """
    both = {package.sscc: package for package in held_all({from_sscc, into_sscc}, "OPEN")}
    source, target = both[from_sscc], both[into_sscc]
    if source.pk == target.pk or (source.wave_id, source.ship_to_site_id) != (
        target.wave_id,
        target.ship_to_site_id,
    ):
        raise refused(
            "wrong_package", "these packages are not of one wave and ship-to", "/into", "scan another one"
        )
    lines = [
        line
        for line in source.lines.select_related("product").order_by("line_number")
        if not sku or line.product.sku.upper() == sku.upper()
    ]
    there = sum(line.quantity for line in lines)
    wanted = there if quantity is None else quantity
    if not 1 <= wanted <= there:
        raise refused("wrong_quantity", f"1 to {there} are in it, not {wanted}", "/quantity", "count again")
    parts = shares(lines, wanted)
    add_lines(target, parts)
    moves = [_out(source, line, part, target.handling_unit_id) for line, part in parts]
    _take_off(parts)
    movement.post(moves, at=at, document_type="package", document_id=target.pk)
    weigh(source, at=at)
    weigh(target, at=at)
    return target


@unit_of_work()
def stack(
    warehouse_id: int, package_ssccs: Sequence[str], *, pallet_sscc: str = "", at: datetime
) -> HandlingUnit:
    """Put closed packages for one ship-to on a pallet, a new one unless its SSCC is given; return the pallet.

    :raises NotFound: when there is no such warehouse, pallet or package.
    :raises IllegalTransition: when a package is not closed.
    :raises Invalid: when nothing is named, the packages are of another house or go to different places, or the pallet
        does not stand here.
    """
    house = Warehouse.objects.filter(pk=warehouse_id).first()
    if house is None:
        raise NotFound("there is no such warehouse")
    packages = held_all(set(package_ssccs), "PACKED")
    strange = sorted(package.sscc for package in packages if package.warehouse_id != house.pk)
    if strange:
        message = f"{', '.join(strange)} is not of {house.code}"
        raise refused("wrong_package", message, "/packages", "scan packages of this house")
    pallet = _pallet(house, pallet_sscc) if pallet_sscc else None
    above = set(
        Package.objects.filter(handling_unit__parent=pallet).values_list("ship_to_site_id", flat=True)
        if pallet
        else ()
    )
    if not packages or len(above | {package.ship_to_site_id for package in packages}) > 1:
        raise refused(
            "wrong_package", "a pallet is for one ship-to", "/packages", "scan packages of one ship-to"
        )
    if pallet is None:
        [code] = sscc.take(house)
        staging = location.by_kind([house.pk])[house.pk, Location.Kind.STAGING]
        pallet = HandlingUnit.objects.create(
            sscc=code, kind=HandlingUnit.Kind.PALLET, status="STORED", location_id=staging, created_at=at
        )
    nesting.nest(packages, pallet, at=at)
    return pallet


def _pallet(house: Warehouse, code: str) -> HandlingUnit:
    """Hold a pallet that stands in staging with nothing but packages on it."""
    units = HandlingUnit.objects.filter(sscc=code, kind=HandlingUnit.Kind.PALLET, package=None)
    pallet = lock_one(units.select_related("location"))
    place = pallet.location
    here = place is not None and (place.warehouse_id, place.kind) == (house.pk, Location.Kind.STAGING)
    if pallet.status != "STORED" or not here:
        message = f"pallet {code} does not stand in staging of {house.code}"
        raise refused("wrong_pallet", message, "/pallet", "scan another one, or leave it out for a new one")
    return pallet


def _refuse_told(package: Package) -> None:
    if package.wave.status == "PACKED":
        raise refused("told_already", "dispatch was told of it", "/sscc", "call the shipment off first")


def _out(package: Package, line: PackageLine, quantity: int, unit_id: int | None) -> movement.Move:
    place = package.handling_unit.location_id
    assert place is not None
    return movement.Move(
        product_id=line.product_id, source_id=place, destination_id=place, quantity=quantity, lot_id=line.lot_id,
        owner_id=line.owner_id, handling_unit_id=package.handling_unit_id, into_unit_id=unit_id,
        kind=MovementKind.PACK,
    )  # fmt: skip


def _take_off(parts: Sequence[tuple[PackageLine, int]]) -> None:
    """Lower lines by what went out of them; an empty one is no line."""
    for line, part in parts:
        line.quantity -= part
    PackageLine.objects.filter(pk__in=[line.pk for line, _ in parts if not line.quantity]).delete()
    PackageLine.objects.bulk_update([line for line, _ in parts if line.quantity], ["quantity"])
