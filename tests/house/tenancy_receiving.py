"""The routes of the gate and the floor in the tenancy matrix: scans, found goods, inspections, putaway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from b2b.core.actor import DEALER, FACTORY, OPERATOR, acting_as, system
from tests.factories import warehousing
from tests.factories.warehousing import AT, BY
from tests.house.tenancy_line import Case, Line, World
from warehousing.models import Inspection, Location, PutawayTask, ReceivingRule, Warehouse
from warehousing.services import found_goods, inspection, receipt, receipt_closing, receipt_scan
from warehousing.services.found_goods import Finding
from warehousing.services.receipt_scan import Seen

DESK = frozenset({"owner", "rival"})


def _house(make: Callable[[warehousing.World], Case]) -> Callable[[World], Case]:
    def made(world: World) -> Case:
        with acting_as(system("test")):
            house = warehousing.World.build(
                operator=world[OPERATOR], dealer=world[DEALER], factory=world[FACTORY]
            )
            return make(house)

    return made


def _counted(house: warehousing.World) -> Case:
    due = house.expected()
    seen = Seen(house.product.sku, 10, damaged=True, reason="wet")
    [scan] = receipt_scan.scan(due.pk, seen, by=BY, at=AT).scans
    return Case({"receipt_id": due.pk, "scan_id": scan.pk}, marker="wet")


def _scans(house: warehousing.World) -> Case:
    case = _counted(house)
    return Case({"receipt_id": case.values["receipt_id"]}, marker=case.marker)


def _rejected(house: warehousing.World) -> Case:
    case = _scans(house)
    receipt_closing.close(case.values["receipt_id"], by=BY, at=AT)
    return case


def _found(house: warehousing.World) -> Case:
    made = found_goods.record(Finding(house.warehouse.code, 1, product_id=house.product.pk), by=BY, at=AT)
    return Case({"found_id": made.pk}, marker=made.number)


def _inspection(house: warehousing.World) -> Case:
    ReceivingRule.objects.update_or_create(
        factory=house.factory, defaults={"inspection_level": "II", "aql": "2.5"}
    )
    receipt.receive(house.expected().pk, by=BY, at=AT)
    made = Inspection.objects.latest("pk")
    return Case({"inspection_id": made.pk}, marker=made.number)


def _failed(house: warehousing.World) -> Case:
    case = _inspection(house)
    inspection.judge(case.values["inspection_id"], nonconforming=1, by=BY, at=AT)
    return case


def _task(house: warehousing.World) -> Case:
    Warehouse.objects.filter(pk=house.warehouse.pk).update(directs_putaway=True)
    receipt.receive(house.expected().pk, by=BY, at=AT)
    assert PutawayTask.objects.filter(destination__kind=Location.Kind.STORAGE).exists()
    return Case(marker=house.product.sku)


def _list(make: Callable[[warehousing.World], Case]) -> Callable[[World], Case]:
    return _house(lambda house: Case(marker=make(house).marker))


def _desk(make: Callable[[warehousing.World], Case], body: Any = None, **more: Any) -> Line:
    """A command of operators alone."""
    given = {"sees": frozenset(), **more}
    return Line(_house(make), OPERATOR, changes=DESK, body=lambda world: body or {}, **given)


_RECEIPT = "receipts/<uuid:receipt_id>/"
_INSPECTION = "inspections/<uuid:inspection_id>/"
LINES: dict[str, Line] = {
    f"{_RECEIPT}scans/": _desk(_scans, {"code": "NO-SUCH"}, sees=DESK),
    f"{_RECEIPT}scans/<int:scan_id>/take-back/": _desk(_counted),
    f"{_RECEIPT}book/": _desk(_scans),
    f"{_RECEIPT}close/": _desk(_scans),
    f"{_RECEIPT}dispose-rejected/": _desk(_rejected, {"lines": [{"line_number": 1, "destroy": 1}]}),
    "found-goods/": Line(_list(_found), OPERATOR, sees=DESK, changes=DESK),
    "found-goods/<uuid:found_id>/take-in/": _desk(_found),
    "found-goods/<uuid:found_id>/send-back/": _desk(_found, {"reason": "test"}),
    "found-goods/<uuid:found_id>/destroy/": _desk(_found, {"reason": "test"}),
    "inspections/": Line(_list(_inspection), FACTORY),
    _INSPECTION: Line(_house(_inspection), FACTORY),
    f"{_INSPECTION}judge/": _desk(_inspection, {"nonconforming": 0}),
    f"{_INSPECTION}decide/": _desk(_failed, {"verdict": "rework", "reason": "test"}),
    "putaway-tasks/": Line(_house(_task), OPERATOR, sees=DESK),
    "putaway-tasks/claim/": _desk(lambda house: Case()),
    "putaway-tasks/confirm/": _desk(lambda house: Case(), {"tasks": [{"task_id": 1}]}),
}  # fmt: skip
