"""Put picked goods into labelled packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from b2b.contracts.warehousing import PackagesReady, PackedLine, PackedUnit
from b2b.core.actor import Actor
from b2b.db.bulk import execute
from b2b.db.locks import lock, lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from warehousing.models import Demand, HandlingUnit, Location, Package, PackageLine, PickTask, Warehouse, Wave
from warehousing.policies import packing
from warehousing.selectors import location
from warehousing.services import movement, sscc

PUT_BACK = """
WITH given AS (
    UPDATE warehousing_picktask SET status = 'CANCELLED' WHERE id = ANY(%(tasks)s::bigint[]) RETURNING reservation_id
)
UPDATE warehousing_reservation kept SET status = 'RELEASED' FROM given WHERE kept.id = given.reservation_id
"""


@dataclass(slots=True)
class Packed:
    """A package and its lines before they are written; lines keep their demands at hand."""

    package: Package
    lines: list[PackageLine]


@unit_of_work()
def pack(wave_id: UUID, *, by: Actor, at: datetime) -> list[Package]:
    """Pack a picked wave, package by package for each ship-to, and return the packages. Publishes PackagesReady.

    Goods of demands cancelled after the pick go back to their shelf. A wave of which nothing is left is packed too,
    and nothing is told. A constant number of statements.

    :raises NotFound: when there is no such wave. :raises IllegalTransition: when it is not picked, or packed already.
    """
    wave = lock_one(Wave.objects.filter(pk=wave_id).select_related("warehouse"))
    Wave.machine.next(wave.status, "pack")
    tasks = PickTask.objects.filter(wave=wave, status="PICKED", picked_quantity__gt=0)
    lock(Demand.objects.filter(pk__in=tasks.values("demand_id")).only("pk"))
    picked = list(tasks.select_related("demand", "product").order_by("task_number"))
    _put_back(wave, [task for task in picked if task.demand.is_cancelled], at=at)
    packed = list(_fill(wave, [task for task in picked if not task.demand.is_cancelled], at=at))
    _label(wave.warehouse, [unit.package for unit in packed])
    _as_units(wave.warehouse, [unit.package for unit in packed], at=at)
    Package.objects.bulk_create([unit.package for unit in packed])
    PackageLine.objects.bulk_create([line for unit in packed for line in unit.lines])
    _into_units(packed, at=at)
    record(((unit.package, "pack", "", unit.package.status) for unit in packed), by=by, at=at)
    wave.advance("pack", by=by, at=at)
    if packed:
        publish(
            PackagesReady(
                occurred_at=at,
                wave_id=wave.pk,
                warehouse_site_id=wave.warehouse.site_id,
                packages=tuple(_told(unit) for unit in packed),
            )
        )
    return [unit.package for unit in packed]


def _put_back(wave: Wave, tasks: Sequence[PickTask], *, at: datetime) -> None:
    if not tasks:
        return
    moves = [
        movement.Move(
            product_id=task.product_id,
            source_id=task.destination_id,
            destination_id=task.source_id,
            quantity=task.picked_quantity,
            lot_id=task.lot_id,
            owner_id=task.owner_id,
        )
        for task in tasks
    ]
    movement.post(moves, at=at, document_type="wave", document_id=wave.pk, reason="order cancelled")
    execute(PUT_BACK, {"tasks": [task.pk for task in tasks]})


def _fill(wave: Wave, tasks: Iterable[PickTask], *, at: datetime) -> Iterator[Packed]:
    """Plan the packages of each ship-to of each dealer."""
    house = wave.warehouse

    def drop(task: PickTask) -> tuple[int, int]:
        return task.demand.dealer_id, task.demand.ship_to_site_id

    for (dealer_id, site_id), group in groupby(sorted(tasks, key=drop), key=drop):
        by_key = {task.pk: task for task in group}
        goods = (
            packing.Goods(task.pk, task.picked_quantity, task.product.weight_g, task.product.volume_cm3)
            for task in by_key.values()
        )
        for load in packing.pack(goods, weight_g=house.package_weight_g, volume_cm3=house.package_volume_cm3):
            package = Package(
                created_at=at,
                updated_at=at,
                wave=wave,
                warehouse=house,
                dealer_id=dealer_id,
                ship_to_site_id=site_id,
                weight_g=load.weight_g,
                volume_cm3=load.volume_cm3,
                need_by_date=_earliest(by_key[key].demand.need_by_date for key, _ in load.parts),
            )
            yield Packed(package, _lines(package, [(by_key[key], quantity) for key, quantity in load.parts]))


def _earliest(dates: Iterable[date | None]) -> date | None:
    return min((day for day in dates if day is not None), default=None)


def _lines(package: Package, parts: Iterable[tuple[PickTask, int]]) -> list[PackageLine]:
    """Merge what one package holds of the same order line and lot."""
    merged: dict[tuple[int, int | None, int | None], PackageLine] = {}
    for task, quantity in parts:
        line = merged.setdefault(
            (task.demand_id, task.lot_id, task.owner_id),
            PackageLine(
                package=package,
                line_number=len(merged) + 1,
                demand=task.demand,
                product_id=task.product_id,
                owner_id=task.owner_id,
                lot_id=task.lot_id,
                quantity=0,
            ),
        )
        line.quantity += quantity
    return list(merged.values())


def _label(house: Warehouse, packages: Sequence[Package]) -> None:
    """Give each package its SSCC."""
    if packages:
        for package, code in zip(packages, sscc.take(house, len(packages)), strict=True):
            package.sscc = package.number = code


def _as_units(house: Warehouse, packages: Sequence[Package], *, at: datetime) -> None:
    """Write each package's handling unit, standing in staging."""
    if not packages:
        return
    staging = location.by_kind([house.pk])[house.pk, Location.Kind.STAGING]
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


def _into_units(packed: Sequence[Packed], *, at: datetime) -> None:
    """Put the goods of each package into its unit; the package is the document of it."""
    moves = [
        movement.Move(
            product_id=line.product_id,
            source_id=place,
            destination_id=place,
            quantity=line.quantity,
            lot_id=line.lot_id,
            owner_id=line.owner_id,
            into_unit_id=unit.package.handling_unit_id,
            document_id=unit.package.pk,
        )
        for unit in packed
        if (place := unit.package.handling_unit.location_id) is not None
        for line in unit.lines
    ]
    if moves:
        movement.post(moves, at=at, document_type="package", document_id=packed[0].package.pk)


def _told(unit: Packed) -> PackedUnit:
    held: dict[int, int] = {}
    demands: dict[int, Demand] = {}
    for line in unit.lines:
        demands[line.demand_id] = line.demand
        held[line.demand_id] = held.get(line.demand_id, 0) + line.quantity
    package = unit.package
    return PackedUnit(
        package_id=package.pk,
        sscc=package.sscc,
        dealer_id=package.dealer_id,
        ship_to_site_id=package.ship_to_site_id,
        weight_g=package.weight_g,
        volume_cm3=package.volume_cm3,
        need_by_date=package.need_by_date,
        lines=tuple(
            PackedLine(
                order_id=demands[key].order_id,
                order_version=demands[key].order_version,
                order_line_id=demands[key].order_line_id,
                product_id=demands[key].product_id,
                quantity=quantity,
            )
            for key, quantity in held.items()
        ),
    )
