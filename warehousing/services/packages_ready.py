"""Tell dispatch what stands ready."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from b2b.contracts.warehousing import PackagesReady, PackedLine, PackedUnit
from b2b.outbox.publish import publish
from warehousing.models import Package, PackageLine, Wave
from warehousing.selectors import package_marks
from warehousing.selectors.package_marks import Marks


def tell(wave: Wave, *, at: datetime) -> None:
    """Publish PackagesReady for every closed package of a wave, or nothing when there is none; six statements."""
    packages = list(
        Package.objects.filter(wave=wave, status="PACKED")
        .select_related("handling_unit__parent", "warehouse")
        .prefetch_related("lines__demand", "lines__product")
        .order_by("pk")
    )
    if not packages:
        return
    marks = package_marks.of_packages(packages)
    publish(
        PackagesReady(
            occurred_at=at,
            wave_id=wave.pk,
            warehouse_site_id=wave.warehouse.site_id,
            packages=tuple(_told(package, marks[package.pk]) for package in packages),
            route=wave.route,
            carrier_id=wave.carrier_id,
            cut_off_at=wave.cut_off_at,
        )
    )


def _told(package: Package, marks: Marks) -> PackedUnit:
    lines = sorted(package.lines.all(), key=lambda line: line.line_number)
    unit = package.handling_unit
    measures = marks.measures
    return PackedUnit(
        package_id=package.pk,
        sscc=package.sscc,
        dealer_id=package.dealer_id,
        ship_to_site_id=package.ship_to_site_id,
        weight_g=measures.weight_g,
        volume_cm3=measures.volume_cm3,
        length_mm=measures.size.length_mm if measures.size else 0,
        width_mm=measures.size.width_mm if measures.size else 0,
        height_mm=measures.size.height_mm if measures.size else 0,
        need_by_date=package.need_by_date,
        lines=_of_orders(lines),
        kind=unit.kind,
        pallet_sscc=unit.parent.sscc if unit.parent else "",
        temperature=marks.temperature,
        hazard=marks.hazard,
    )


def _of_orders(lines: Sequence[PackageLine]) -> tuple[PackedLine, ...]:
    """Sum lots: dispatch asks how much of an order line it carries."""
    held: dict[int, int] = {}
    demands = {line.demand_id: line.demand for line in lines}
    for line in lines:
        held[line.demand_id] = held.get(line.demand_id, 0) + line.quantity
    return tuple(
        PackedLine(
            order_id=demands[key].order_id,
            order_version=demands[key].order_version,
            order_line_id=demands[key].order_line_id,
            product_id=demands[key].product_id,
            quantity=quantity,
        )
        for key, quantity in held.items()
    )
