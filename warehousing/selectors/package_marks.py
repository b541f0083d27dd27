"""What carriers and people have to know of packages beside their goods: size, weight, cold, danger."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple
from uuid import UUID

from b2b.catalog.models import Packaging
from warehousing.models import Location, Package, PackageLine, PickTask
from warehousing.policies import dimensions
from warehousing.policies.dimensions import Measures, Pack, Size

# The colder, the stricter.
COLDEST: Final = (Location.Temperature.FROZEN, Location.Temperature.CHILLED, Location.Temperature.AMBIENT)


class Marks(NamedTuple):
    """`temperature` is AMBIENT, CHILLED or FROZEN, or empty; `hazard` the UN numbers of its goods."""

    measures: Measures
    temperature: str
    hazard: str


def of_packages(packages: Collection[Package]) -> dict[UUID, Marks]:
    """Return package -> its marks; two statements for packages read with their lines, products and warehouse."""
    lines = [line for package in packages for line in package.lines.all()]
    packs = _packs({line.product_id for line in lines})
    kept_at: dict[tuple[UUID, int], set[str]] = {}
    tasks = PickTask.objects.filter(wave__in={package.wave_id for package in packages})
    for wave_id, product_id, level in tasks.values_list(
        "wave_id", "product_id", "source__temperature"
    ).distinct():
        kept_at.setdefault((wave_id, product_id), set()).add(level)
    found = {}
    for package in packages:
        held = package.lines.all()
        levels = set().union(*(kept_at.get((package.wave_id, line.product_id), ()) for line in held))
        found[package.pk] = Marks(
            _measures(package, held, packs),
            next((str(level) for level in COLDEST if level in levels), ""),
            ", ".join(sorted({mark for line in held if (mark := _hazard(line))})),
        )
    return found


def _packs(product_ids: Collection[int]) -> dict[tuple[int, int], Pack]:
    rows = Packaging.objects.filter(product_id__in=product_ids).order_by("pk")
    return {
        (row.product_id, row.units): Pack(
            _size(row.length_mm, row.width_mm, row.height_mm), row.gross_weight_g
        )
        for row in rows
        if row.length_mm or row.gross_weight_g
    }


def _measures(package: Package, lines: Iterable[PackageLine], packs: dict[tuple[int, int], Pack]) -> Measures:
    held: dict[int, int] = {}
    goods_g = goods_cm3 = 0
    for line in lines:
        held[line.product_id] = held.get(line.product_id, 0) + line.quantity
        goods_g += line.quantity * line.product.weight_g
        goods_cm3 += line.quantity * line.product.volume_cm3
    house = package.warehouse
    is_box = package.handling_unit.kind == "CARTON"
    return dimensions.of_package(
        measured=_size(package.length_mm, package.width_mm, package.height_mm),
        weighed_g=package.weight_g if package.is_weighed else None,
        contents=list(held.items()),
        packs=packs,
        goods_g=goods_g,
        goods_cm3=goods_cm3,
        box=_size(house.package_length_mm, house.package_width_mm, house.package_height_mm)
        if is_box
        else None,
    )


def _size(length_mm: int | None, width_mm: int | None, height_mm: int | None) -> Size | None:
    return Size(length_mm, width_mm, height_mm) if length_mm and width_mm and height_mm else None


def _hazard(line: PackageLine) -> str:
    """Return the UN number the catalogue gives goods, if they are dangerous (ADR 5.2.1)."""
    number = str(line.product.attributes.get("un_number", "")).strip().upper().removeprefix("UN")
    return f"UN{number.strip()}" if number.strip() else ""
