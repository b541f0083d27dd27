"""Pull packages out of their shipments: what was recalled, quarantined or pledged since goes back to its shelf."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from b2b.contracts.warehousing import PackagePulled, PackedLine
from b2b.core.actor import Actor
from b2b.db.locks import lock, lock_by
from b2b.db.models import advance_all
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from warehousing.models import Demand, HandlingUnit, Location, Package, PackageLine, PickTask
from warehousing.ports import TakenOff, carriage
from warehousing.selectors import location
from warehousing.selectors import package as package_selector
from warehousing.services import carton, goods, movement, nesting, packing
from warehousing.services.put_back import put_back

Part = tuple[PackageLine, PickTask, int]


@unit_of_work()
def pull(package_ssccs: Collection[str], *, reason: str = "", by: Actor, at: datetime) -> list[Package]:
    """Take closed packages out of their shipments and their goods back to the shelves they came from.

    For packages that must not leave (`selectors.package.blocked`), and for others with a `reason`. Dispatch plans
    without them at once, their order lines wait for other goods, their SSCCs are never used again; PackagePulled
    tells everybody. A constant number of statements for each house.

    :raises NotFound: when there is no such package.
    :raises IllegalTransition: when one is not closed, or has left.
    :raises Invalid: when nothing stops one of them and no reason is given.
    """
    if not package_ssccs:
        return []
    packages = carton.held_all(set(package_ssccs), "PACKED")
    stopped = package_selector.blocked([package.pk for package in packages])
    reasons = {package.pk: reason.strip() or stopped.get(package.pk, "") for package in packages}
    if free := sorted(package.sscc for package in packages if not reasons[package.pk]):
        message = f"nothing stops {', '.join(free)}"
        raise carton.refused("no_reason", message, "/reason", "say why it is pulled")
    lines = list(
        PackageLine.objects.filter(package__in=packages)
        .select_related("demand")
        .order_by("package_id", "line_number")
    )
    _take_off(packages, lines, reason="; ".join(sorted(set(reasons.values()))), at=at)
    lock_by(packing.LOTS, {"lots": sorted({line.lot_id for line in lines if line.lot_id})})
    lock(Demand.objects.filter(pk__in={line.demand_id for line in lines}).only("pk"))
    goods.hold({line.product_id for line in lines})
    parts = _parts(packages, lines)
    _carry_back(packages, parts, at=at)
    taken: dict[int, int] = defaultdict(int)
    for _, task, quantity in parts:
        taken[task.pk] += quantity
    put_back(taken)
    for house in sorted({package.warehouse_id for package in packages}):
        nesting.nest([one for one in packages if one.warehouse_id == house], None, at=at)
    HandlingUnit.objects.filter(pk__in=[one.handling_unit_id for one in packages]).update(status="EMPTY")
    advance_all(packages, "pull", by=by, at=at, reason={key: why[:200] for key, why in reasons.items()})
    _tell(packages, lines, reasons, at=at)
    return packages


def _take_off(
    packages: Sequence[Package], lines: Sequence[PackageLine], *, reason: str, at: datetime
) -> None:
    """Let logistics go without them; it refuses when one is under way."""
    held: dict[UUID, dict[int, int]] = {package.pk: {} for package in packages}
    for line in lines:
        of_line = held[line.package_id]
        key = line.demand.order_line_id
        of_line[key] = of_line.get(key, 0) + line.quantity
    off = [TakenOff(one.pk, one.wave_id, tuple(sorted(held[one.pk].items()))) for one in packages]
    carriage().take_off(off, reason=reason[:200], at=at)


def _parts(packages: Sequence[Package], lines: Sequence[PackageLine]) -> list[Part]:
    """Say of which picks the goods of each line are, the latest ones first."""
    wave = {package.pk: package.wave_id for package in packages}
    picked = PickTask.objects.select_related("source").filter(
        wave__in=set(wave.values()), status="PICKED", demand__in={line.demand_id for line in lines}
    )
    left: dict[tuple[UUID, int, int | None, int | None], list[PickTask]] = defaultdict(list)
    for task in picked.order_by("-task_number"):
        left[task.wave_id, task.demand_id, task.lot_id, task.owner_id].append(task)
    there = {task.pk: task.picked_quantity for tasks in left.values() for task in tasks}
    parts: list[Part] = []
    for line in lines:
        rest = line.quantity
        for task in left[wave[line.package_id], line.demand_id, line.lot_id, line.owner_id]:
            if part := min(rest, there[task.pk]):
                parts.append((line, task, part))
                there[task.pk] -= part
                rest -= part
    return parts


def _carry_back(packages: Sequence[Package], parts: Sequence[Part], *, at: datetime) -> None:
    """Move goods out of their packages to the places they were picked from; to storage where that is closed now."""
    places = location.by_kind({package.warehouse_id for package in packages})
    by_key = {package.pk: package for package in packages}
    moves = []
    for line, task, quantity in parts:
        package = by_key[line.package_id]
        storage = places[package.warehouse_id, Location.Kind.STORAGE]
        assert package.handling_unit.location_id is not None
        moves.append(
            movement.Move(
                product_id=line.product_id,
                source_id=package.handling_unit.location_id,
                destination_id=task.source_id if task.source.is_active else storage,
                quantity=quantity,
                lot_id=line.lot_id,
                owner_id=line.owner_id,
                handling_unit_id=package.handling_unit_id,
                into_unit_id=None,
                document_id=package.pk,
            )
        )
    movement.post(moves, at=at, document_type="package", document_id=packages[0].pk, reason="pulled")


def _tell(
    packages: Sequence[Package], lines: Sequence[PackageLine], reasons: dict[UUID, str], *, at: datetime
) -> None:
    of_package: dict[UUID, list[PackageLine]] = defaultdict(list)
    for line in lines:
        of_package[line.package_id].append(line)
    publish(
        *(
            PackagePulled(
                occurred_at=at,
                package_id=package.pk,
                sscc=package.sscc,
                wave_id=package.wave_id,
                warehouse_site_id=package.wave.warehouse.site_id,
                dealer_id=package.dealer_id,
                ship_to_site_id=package.ship_to_site_id,
                reason=reasons[package.pk],
                lines=tuple(
                    PackedLine(
                        order_id=line.demand.order_id,
                        order_version=line.demand.order_version,
                        order_line_id=line.demand.order_line_id,
                        product_id=line.product_id,
                        quantity=line.quantity,
                    )
                    for line in of_package[package.pk]
                ),
            )
            for package in packages
        )
    )
