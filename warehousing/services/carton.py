"""Pack by hand: open a carton for a ship-to, put goods into it, weigh and close it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from b2b.catalog.models import Product
from b2b.core import gs1
from b2b.core.actor import Actor
from b2b.core.errors import Invalid, NotFound, Problem
from b2b.core.machine import IllegalTransition
from b2b.db.locks import lock, lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Site
from warehousing.models import HandlingUnit, Location, Lot, MovementKind, Package, PackageLine, Wave
from warehousing.policies import dimensions, gross_weight
from warehousing.policies.dimensions import Size
from warehousing.policies.pick_check import WrongScan
from warehousing.selectors import location, staged
from warehousing.selectors import package as package_selector
from warehousing.services import movement, sscc

# What changes with the goods in a package.
_OF_GOODS: Final = (
    "weight_g", "volume_cm3", "need_by_date", "is_weighed", "length_mm", "width_mm", "height_mm",
)  # fmt: skip
Goods = TypeVar("Goods", staged.Row, PackageLine)


@unit_of_work()
def open_for(wave_id: UUID, *, site_code: str, kind: str = "CARTON", by: Actor, at: datetime) -> Package:
    """Open an empty carton, pallet or cage for a ship-to of a wave and give it its SSCC.

    :raises NotFound: when there is no such wave, or nothing of it is to be packed for that site.
    :raises Invalid: when there is no such kind of unit.
    """
    wave = lock_one(Wave.objects.filter(pk=wave_id).select_related("warehouse"))
    if kind not in HandlingUnit.Kind.values:
        raise Invalid(f"there is no kind of unit {kind}")
    rows = _rows(wave, site_code)
    if not rows:
        raise NotFound(f"nothing of {wave.number} is to be packed for {site_code}")
    [code] = sscc.take(wave.warehouse)
    unit = HandlingUnit.objects.create(sscc=code, kind=kind, status="STORED", created_at=at)
    package = Package.objects.create(
        number=code, sscc=code, status="OPEN", handling_unit=unit, wave=wave, warehouse=wave.warehouse,
        dealer_id=rows[0].dealer_id, ship_to_site_id=rows[0].site_id, weight_g=0, volume_cm3=0,
        created_at=at, updated_at=at,
    )  # fmt: skip
    record([(package, "open", "", package.status)], by=by, at=at)
    return package


@unit_of_work()
def put(package_sscc: str, *, goods: str, quantity: int, at: datetime) -> Package:
    """Put goods that were picked for the carton's ship-to into it; `goods` is an SKU or a bar code with GTIN and lot.

    :raises NotFound: when there is no such carton. :raises IllegalTransition: when it is closed.
    :raises WrongScan: when the goods are not for its ship-to. :raises ScanError: when the bar code is wrong in itself.
    :raises Invalid: when the quantity is not positive, more than is to be packed, or more than a package may hold.
    """
    package = held(package_sscc, "OPEN")
    rows = _named(_rows(package.wave, package.ship_to_site.code), goods, package)
    there = sum(row.quantity for row in rows)
    if not 1 <= quantity <= there:
        raise refused(
            "wrong_quantity", f"1 to {there} are to be packed, not {quantity}", "/quantity", "count again"
        )
    product = Product.objects.get(pk=rows[0].product_id)
    _refuse_overload(package, product, quantity)
    staging = location.by_kind([package.warehouse_id])[package.warehouse_id, Location.Kind.STAGING]
    pools = staged.Pools(package.wave_id, staging, [product.pk])
    parts = shares(rows, quantity)
    add_lines(package, parts)
    moves: list[movement.Move] = []
    for row, part in parts:
        moves += into(package, row.key, pools.draw(row.key, part), staging)
    movement.post(moves, at=at, document_type="package", document_id=package.pk)
    weigh(package, at=at)
    return package


@unit_of_work()
def close(
    package_sscc: str,
    *,
    gross_weight_g: int | None = None,
    size: Size | None = None,
    by: Actor,
    at: datetime,
) -> Package:
    """Close a carton; when it was weighed, the weight must be one its goods can have. `size` is what was measured.

    :raises NotFound: when there is no such carton. :raises IllegalTransition: when it is closed.
    :raises Invalid: when it is empty, holds goods that were recalled or quarantined, or its weight tells that something
        else is in it, or its sides cannot be.
    """
    package = held(package_sscc, "OPEN")
    if not package.lines.exists():
        raise refused("empty", "nothing is in it", "/sscc", "put goods into it, or unpack it")
    if why := package_selector.blocked([package.pk]).get(package.pk):
        raise refused("blocked", why, "/sscc", "take these goods out and bring them to quality")
    weight = package.weight_g
    if gross_weight_g is not None:
        least, most = gross_weight.bounds(package.weight_g, package.handling_unit.kind)
        if not least <= gross_weight_g <= most:
            message = f"it weighs {gross_weight_g} g; its goods weigh {package.weight_g} g, so {least} to {most} g fit"
            raise refused("wrong_weight", message, "/gross_weight_g", "open it and count what is in it")
        weight = gross_weight_g
    sides = {}
    if size is not None:
        if why := dimensions.fault(size):
            raise refused("wrong_size", why, "/length_mm", "measure it again")
        sides = {**size._asdict(), "volume_cm3": size.volume_cm3}
    package.advance("close", by=by, at=at, weight_g=weight, is_weighed=gross_weight_g is not None, **sides)
    HandlingUnit.objects.filter(pk=package.handling_unit_id).update(
        gross_weight_g=weight, volume_cm3=package.volume_cm3
    )
    return package


def held(package_sscc: str, status: str) -> Package:
    """Hold one package as `held_all` does."""
    return held_all([package_sscc], status)[0]


def held_all(ssccs: Collection[str], status: str) -> list[Package]:
    """Hold the waves of packages, then the packages, and see that all are in a status; two statements to lock them.

    :raises NotFound: when there is no such package. :raises IllegalTransition: when one is in another status.
    """
    known = dict(Package.objects.filter(sscc__in=ssccs).values_list("sscc", "wave_id"))
    if unknown := sorted(set(ssccs) - known.keys()):
        raise NotFound(f"there is no package {', '.join(unknown)}")
    lock(Wave.objects.filter(pk__in=set(known.values())).only("pk"))
    packages = lock(
        Package.objects.select_related("wave__warehouse", "ship_to_site", "handling_unit").filter(
            sscc__in=ssccs
        )
    )
    for package in packages:
        if package.status != status:
            raise IllegalTransition(f"package {package.sscc} is {package.status}, not {status}")
    return packages


def shares(rows: Iterable[Goods], quantity: int) -> list[tuple[Goods, int]]:
    """Take a quantity from rows, the first ones first."""
    parts = []
    for row in rows:
        part = min(row.quantity, quantity)
        if part:
            parts.append((row, part))
            quantity -= part
    return parts


def into(
    package: Package, key: staged.Key, parts: Sequence[tuple[int | None, int]], staging: int
) -> list[movement.Move]:
    """Return the moves of goods from units in staging into the unit of a package."""
    product_id, lot_id, owner_id = key
    return [
        movement.Move(
            product_id=product_id, source_id=staging, destination_id=staging, quantity=quantity, lot_id=lot_id,
            owner_id=owner_id, handling_unit_id=unit_id, into_unit_id=package.handling_unit_id,
            document_id=package.pk, kind=MovementKind.PACK,
        )
        for unit_id, quantity in parts
    ]  # fmt: skip


def weigh(package: Package, *, at: datetime) -> None:
    """Write what the goods of a package weigh and fill, and until when the first of them is needed."""
    lines = list(package.lines.select_related("product", "demand"))
    package.weight_g = sum(line.quantity * line.product.weight_g for line in lines)
    package.volume_cm3 = sum(line.quantity * line.product.volume_cm3 for line in lines)
    needs = [line.demand.need_by_date for line in lines if line.demand.need_by_date]
    package.need_by_date = min(needs, default=None)
    package.updated_at = at
    package.is_weighed = False  # what was measured was of what it held then
    package.length_mm = package.width_mm = package.height_mm = None
    package.save(update_fields=[*_OF_GOODS, "updated_at"])


def refused(code: str, message: str, pointer: str, remedy: str) -> Invalid:
    """Make the error of one fault."""
    return Invalid(message, problems=[Problem(code, message, pointer, remedy=remedy)])


def _rows(wave: Wave, site_code: str) -> list[staged.Row]:
    site = Site.objects.filter(code=site_code).values_list("pk", flat=True).first()
    return [row for row in staged.to_pack(wave.pk) if row.site_id == site]


def _named(rows: Sequence[staged.Row], goods: str, package: Package) -> list[staged.Row]:
    """Return the rows whose goods were scanned."""
    products = Product.objects.in_bulk({row.product_id for row in rows})
    keys = {key for key, product in products.items() if product.sku.upper() == goods.strip().upper()}
    lot = None
    if not keys:
        scan = gs1.read(goods)
        lot = scan.lot
        keys = {
            key
            for key, product in products.items()
            if product.gtin and product.gtin.zfill(14) == scan.item_gtin
        }
    lots = dict(Lot.objects.filter(pk__in={row.lot_id for row in rows}).values_list("pk", "number"))
    found = [
        row
        for row in rows
        if row.product_id in keys and (lot is None or lots.get(row.lot_id or 0, lot) == lot)
    ]
    if not found:
        message = f"nothing of these goods is to be packed for {package.ship_to_site.code}"
        raise WrongScan(
            message,
            problems=[
                Problem(
                    "wrong_goods", message, "/goods", remedy="scan goods of this ship-to, or another carton"
                )
            ],
        )
    return found


def _refuse_overload(package: Package, product: Product, quantity: int) -> None:
    house = package.warehouse
    weight = package.weight_g + quantity * product.weight_g
    volume = package.volume_cm3 + quantity * product.volume_cm3
    if weight > house.package_weight_g or volume > house.package_volume_cm3:
        message = (
            f"with these it would hold {weight} g and {volume} cm³; "
            f"a package holds {house.package_weight_g} g and {house.package_volume_cm3} cm³"
        )
        if package.weight_g or quantity > 1:
            raise refused("too_much", message, "/quantity", "close this one and open another")


def add_lines(package: Package, parts: Sequence[tuple[staged.Row | PackageLine, int]]) -> None:
    """Write goods into a package's lines, one for each demand, lot and owner; constant statements."""
    lines = {(line.demand_id, line.lot_id, line.owner_id): line for line in package.lines.all()}
    number = max((line.line_number for line in lines.values()), default=0)
    for goods, quantity in parts:
        key = (goods.demand_id, goods.lot_id, goods.owner_id)
        if key in lines:
            lines[key].quantity += quantity
            continue
        number += 1
        lines[key] = PackageLine(
            package=package, line_number=number, demand_id=goods.demand_id, product_id=goods.product_id,
            owner_id=goods.owner_id, lot_id=goods.lot_id, quantity=quantity,
        )  # fmt: skip
    PackageLine.objects.bulk_update([line for line in lines.values() if line.pk], ["quantity"])
    PackageLine.objects.bulk_create(line for line in lines.values() if not line.pk)
