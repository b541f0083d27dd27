"""Second thoughts of a packer: reopen, take out, put together, part, and stack cartons on a pallet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from warehousing.models import HandlingUnit, Location, MovementKind, Package, PackageLine, Warehouse
from warehousing.selectors import location
from warehousing.services import movement, sscc
from warehousing.services.carton import held, refused, weigh


@unit_of_work()
def reopen(package_sscc: str, *, by: Actor, at: datetime) -> Package:
    """Open a closed package of a wave that dispatch has not been told of.

    :raises NotFound: when there is none. :raises IllegalTransition: when it is not closed, or told already.
    """
    package = held(package_sscc, "PACKED")
    _refuse_told(package)
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
    HandlingUnit.objects.filter(pk=package.handling_unit_id).update(status="EMPTY", parent=None)
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
    first, second = sorted((from_sscc, into_sscc))
    both = {code: held(code, "OPEN") for code in (first, second)}
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
    moves = []
    for line in lines:
        part = min(line.quantity, wanted)
        if part:
            wanted -= part
            moves.append(_out(source, line, part, target.handling_unit_id))
            _carry_over(line, target, part)
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
    :raises Invalid: when nothing is named, or the packages go to different places.
    """
    house = Warehouse.objects.filter(pk=warehouse_id).first()
    if house is None:
        raise NotFound("there is no such warehouse")
    packages = [held(code, "PACKED") for code in sorted(set(package_ssccs))]
    if pallet_sscc:
        pallet = lock_one(
            HandlingUnit.objects.filter(sscc=pallet_sscc, kind=HandlingUnit.Kind.PALLET, package=None)
        )
    else:
        [code] = sscc.take(house)
        staging = location.by_kind([house.pk])[house.pk, Location.Kind.STAGING]
        pallet = HandlingUnit.objects.create(
            sscc=code, kind=HandlingUnit.Kind.PALLET, status="STORED", location_id=staging, created_at=at
        )
    above = set(
        Package.objects.filter(handling_unit__parent=pallet).values_list("ship_to_site_id", flat=True)
    )
    if not packages or len(above | {package.ship_to_site_id for package in packages}) > 1:
        raise refused(
            "wrong_package", "a pallet is for one ship-to", "/packages", "scan packages of one ship-to"
        )
    units = lock(HandlingUnit.objects.filter(pk__in=[package.handling_unit_id for package in packages]))
    HandlingUnit.objects.filter(pk__in=[unit.pk for unit in units]).update(parent=pallet)
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


def _carry_over(line: PackageLine, target: Package, quantity: int) -> None:
    same = target.lines.filter(demand=line.demand_id, lot=line.lot_id, owner=line.owner_id).first()
    if same is not None:
        same.quantity += quantity
        same.save(update_fields=["quantity"])
    else:
        last = target.lines.order_by("-line_number").values_list("line_number", flat=True).first() or 0
        PackageLine.objects.create(
            package=target, line_number=last + 1, demand_id=line.demand_id, product_id=line.product_id,
            owner_id=line.owner_id, lot_id=line.lot_id, quantity=quantity,
        )  # fmt: skip
    if line.quantity == quantity:
        line.delete()
    else:
        line.quantity -= quantity
        line.save(update_fields=["quantity"])
