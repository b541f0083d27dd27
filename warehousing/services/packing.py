"""Put picked goods into labelled packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.db.models import Q, QuerySet

from b2b.core.actor import Actor
from b2b.core.errors import DomainError
from b2b.db.locks import lock, lock_by, lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from warehousing.models import (
    Demand,
    HandlingUnit,
    Location,
    Package,
    PackageLine,
    PickTask,
    Warehouse,
    Wave,
)
from warehousing.policies import packing
from warehousing.ports import OwnGoods
from warehousing.selectors import location, own_goods, staged
from warehousing.services import carton, goods, movement, packages_ready, sscc
from warehousing.services.put_back import put_back


class NotReady(DomainError):
    """A package of the wave is open, or holds goods that may not leave: of a cancelled order or a blocked lot."""

    code = "package_not_ready"


# Who blocks lots holds them, before demands as here; those who pack of one lot do not wait for each other.
LOTS = "SELECT id FROM warehousing_lot WHERE id = ANY(%(lots)s::bigint[]) ORDER BY id FOR SHARE"

# Of tasks and of lines in packages.
MAY_NOT_LEAVE = Q(demand__is_cancelled=True) | Q(lot__isnull=False) & ~Q(lot__status="RELEASED")


@dataclass(slots=True)
class Packed:
    """A package and its lines before they are written, and what goods these are."""

    package: Package
    lines: list[PackageLine]


@unit_of_work()
def pack(wave_id: UUID, *, by: Actor, at: datetime) -> list[Package]:
    """Pack what of a picked wave is in no package yet, and tell dispatch of all its packages. Returns the new ones.

    Goods go package by package for each ship-to. Those of demands cancelled after the pick go back to their shelf, and
    so do those of lots that were blocked since; their demands wait for others. A wave of which nothing is left is
    packed too, and nothing is told. A constant number of statements.

    :raises NotFound: when there is no such wave. :raises IllegalTransition: when it is not picked, or packed already.
    :raises NotReady: when a carton of it is still open, or holds goods of a cancelled order or a blocked lot.
    """
    wave = lock_one(Wave.objects.filter(pk=wave_id).select_related("warehouse"))
    if wave.status == "RELEASED" and not PickTask.objects.filter(wave=wave, status="OPEN").exists():
        wave.advance(
            "pick", by=by, at=at, reason="nothing is left to pick"
        )  # what was left nobody wants any more
    Wave.machine.next(wave.status, "pack")
    tasks = PickTask.objects.filter(wave=wave, status="PICKED", picked_quantity__gt=0)
    lock_by(LOTS, {"lots": [key for key in set(tasks.values_list("lot_id", flat=True)) if key]})
    lock(Demand.objects.filter(pk__in=tasks.values("demand_id")).only("pk"))
    _refuse_unready(wave)
    products = set(tasks.values_list("product_id", flat=True))
    goods.hold(products, warehouse_id=wave.warehouse_id)
    staging = location.by_kind([wave.warehouse_id])[wave.warehouse_id, Location.Kind.STAGING]
    pools = staged.Pools(wave.pk, staging, products)
    _put_back(wave, _unfit(wave, tasks), pools, at=at)
    packed = list(_fill(wave, staged.to_pack(wave.pk), at=at))
    packages = [unit.package for unit in packed]
    _label(wave.warehouse, packages)
    _as_units(packages, staging, at=at)
    Package.objects.bulk_create(packages)
    PackageLine.objects.bulk_create([line for unit in packed for line in unit.lines])
    _into_units(packed, pools, at=at)
    record(((package, "pack", "", package.status) for package in packages), by=by, at=at)
    wave.advance("pack", by=by, at=at)
    packages_ready.tell(wave, at=at)
    return packages


def _refuse_unready(wave: Wave) -> None:
    ours = Package.objects.filter(wave=wave)
    opened = list(ours.filter(status="OPEN").values_list("sscc", flat=True))
    if opened:
        raise NotReady(f"{', '.join(sorted(opened))} is open; close or unpack it first", packages=opened)
    lines = PackageLine.objects.filter(MAY_NOT_LEAVE, package__wave=wave, package__status="PACKED")
    void = sorted(set(lines.values_list("package__sscc", flat=True)))
    if void:
        message = (
            f"{', '.join(void)} holds goods of a cancelled order or a blocked lot; reopen and unpack it first"
        )
        raise NotReady(message, packages=void)


def _unfit(wave: Wave, tasks: QuerySet[PickTask]) -> list[PickTask]:
    """Return the picks of goods that may not leave: nobody wants them, their lot is blocked, or they are pledged."""
    unfit = list(tasks.filter(MAY_NOT_LEAVE).order_by("task_number"))
    known = {task.pk for task in unfit}
    own = [
        (task, OwnGoods(task.owner_id, task.product_id, wave.warehouse.site_id, task.picked_quantity))
        for task in tasks.filter(owner__isnull=False).order_by("task_number")
        if task.pk not in known and task.owner_id is not None
    ]
    stopped = own_goods.unfree([goods for _, goods in own])
    return unfit + [own[place][0] for place in sorted(stopped)]


def _put_back(wave: Wave, tasks: Sequence[PickTask], pools: staged.Pools, *, at: datetime) -> None:
    if not tasks:
        return
    moves = [
        movement.Move(
            product_id=task.product_id,
            source_id=task.destination_id,
            destination_id=task.source_id,
            quantity=quantity,
            lot_id=task.lot_id,
            owner_id=task.owner_id,
            handling_unit_id=unit_id,
            into_unit_id=None,
        )
        for task in tasks
        for unit_id, quantity in pools.draw(
            (task.product_id, task.lot_id, task.owner_id), task.picked_quantity
        )
    ]
    movement.post(moves, at=at, document_type="wave", document_id=wave.pk, reason="may not leave any more")
    put_back({task.pk: task.picked_quantity for task in tasks})


def _fill(wave: Wave, rows: Sequence[staged.Row], *, at: datetime) -> Iterator[Packed]:
    """Plan the packages of each ship-to of each dealer."""
    house = wave.warehouse
    demands = Demand.objects.select_related("product").in_bulk({row.demand_id for row in rows})

    def drop(row: staged.Row) -> tuple[int, int]:
        return row.dealer_id, row.site_id

    for (dealer_id, site_id), group in groupby(sorted(rows, key=drop), key=drop):
        by_key = dict(enumerate(group))
        items = (
            packing.Goods(key, row.quantity, product.weight_g, product.volume_cm3)
            for key, row in by_key.items()
            for product in (demands[row.demand_id].product,)
        )
        for load in packing.pack(items, weight_g=house.package_weight_g, volume_cm3=house.package_volume_cm3):
            package = Package(
                created_at=at,
                updated_at=at,
                status="PACKED",
                wave=wave,
                warehouse=house,
                dealer_id=dealer_id,
                ship_to_site_id=site_id,
                weight_g=load.weight_g,
                volume_cm3=load.volume_cm3,
                need_by_date=_earliest(demands[by_key[key].demand_id].need_by_date for key, _ in load.parts),
            )
            yield Packed(package, _lines(package, ((by_key[key], quantity) for key, quantity in load.parts)))


def _earliest(dates: Iterable[date | None]) -> date | None:
    return min((day for day in dates if day is not None), default=None)


def _lines(package: Package, parts: Iterable[tuple[staged.Row, int]]) -> list[PackageLine]:
    return [
        PackageLine(
            package=package,
            line_number=number,
            demand_id=row.demand_id,
            product_id=row.product_id,
            owner_id=row.owner_id,
            lot_id=row.lot_id,
            quantity=quantity,
        )
        for number, (row, quantity) in enumerate(parts, start=1)
    ]


def _label(house: Warehouse, packages: Sequence[Package]) -> None:
    """Give each package its SSCC."""
    if packages:
        for package, code in zip(packages, sscc.take(house, len(packages)), strict=True):
            package.sscc = package.number = code


def _as_units(packages: Sequence[Package], staging: int, *, at: datetime) -> None:
    """Write each package's handling unit, standing in staging."""
    units = HandlingUnit.objects.bulk_create(
        HandlingUnit(
            sscc=package.sscc,
            gross_weight_g=package.weight_g,
            volume_cm3=package.volume_cm3,
            location_id=staging,
            status="STORED",
            created_at=at,
        )
        for package in packages
    )
    for package, unit in zip(packages, units, strict=True):
        package.handling_unit = unit


def _into_units(packed: Sequence[Packed], pools: staged.Pools, *, at: datetime) -> None:
    """Put the goods of each package into its unit; the package is the document of it."""
    moves = []
    for unit in packed:
        for line in unit.lines:
            key = (line.product_id, line.lot_id, line.owner_id)
            moves += carton.into(unit.package, key, pools.draw(key, line.quantity), pools.location_id)
    if moves:
        movement.post(moves, at=at, document_type="package", document_id=packed[0].package.pk)
