"""Tell dispatch what stands ready."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from b2b.contracts.warehousing import PackagesReady, PackedLine, PackedUnit
from b2b.outbox.publish import publish
from warehousing.models import Location, Package, PackageLine, PickTask, Wave

# The colder, the stricter.
COLDEST = (Location.Temperature.FROZEN, Location.Temperature.CHILLED, Location.Temperature.AMBIENT)


def tell(wave: Wave, *, at: datetime) -> None:
    """Publish PackagesReady for every closed package of a wave, or nothing when there is none; four statements."""
    packages = list(
        Package.objects.filter(wave=wave, status="PACKED")
        .select_related("handling_unit__parent")
        .prefetch_related("lines__demand", "lines__product")
        .order_by("pk")
    )
    if not packages:
        return
    kept_at = dict(
        PickTask.objects.filter(wave=wave).values_list("product_id", "source__temperature").distinct()
    )
    publish(
        PackagesReady(
            occurred_at=at,
            wave_id=wave.pk,
            warehouse_site_id=wave.warehouse.site_id,
            packages=tuple(_told(package, kept_at) for package in packages),
            route=wave.route,
            carrier_id=wave.carrier_id,
            cut_off_at=wave.cut_off_at,
        )
    )


def _told(package: Package, kept_at: dict[int, str]) -> PackedUnit:
    lines = sorted(package.lines.all(), key=lambda line: line.line_number)
    unit = package.handling_unit
    found = {kept_at.get(line.product_id, "") for line in lines}
    return PackedUnit(
        package_id=package.pk,
        sscc=package.sscc,
        dealer_id=package.dealer_id,
        ship_to_site_id=package.ship_to_site_id,
        weight_g=package.weight_g,
        volume_cm3=package.volume_cm3,
        need_by_date=package.need_by_date,
        lines=_of_orders(lines),
        kind=unit.kind,
        pallet_sscc=unit.parent.sscc if unit.parent else "",
        temperature=next((str(level) for level in COLDEST if level in found), ""),
        hazard=", ".join(sorted({mark for line in lines if (mark := _hazard(line))})),
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


def _hazard(line: PackageLine) -> str:
    """Return the UN number the catalogue gives goods, if they are dangerous (ADR 5.2.1)."""
    number = str(line.product.attributes.get("un_number", "")).strip().upper().removeprefix("UN")
    return f"UN{number.strip()}" if number.strip() else ""
