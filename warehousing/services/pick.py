"""One person's work in the aisles: take a list, confirm pick by pick, report what is not there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Invalid, NotFound, Problem
from b2b.core.gs1 import read
from b2b.db.bulk import execute, fetch
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from warehousing.models import HandlingUnit, Location, PickList, PickTask, Wave
from warehousing.policies import pick_check
from warehousing.services import picking
from warehousing.services.wave import NothingToPick

LEASE: Final = timedelta(minutes=15)


class Claimed(DomainError):
    """Somebody else picks this list."""

    code = "claimed_by_somebody_else"


# A list of one's own first, else the earliest that is free. Who is being served is skipped, not waited for.
CLAIM = """
UPDATE warehousing_picklist SET picker = %(picker)s, claimed_until = %(until)s WHERE id = (
    SELECT list.id FROM warehousing_picklist list JOIN warehousing_wave wave ON wave.id = list.wave_id
    WHERE wave.warehouse_id = %(warehouse_id)s AND wave.status = 'RELEASED'
    AND (list.picker = %(picker)s OR list.claimed_until IS NULL OR list.claimed_until <= %(at)s)
    AND (%(zone)s = '' OR list.zone = %(zone)s)
    AND EXISTS (SELECT FROM warehousing_picktask task WHERE task.pick_list_id = list.id AND task.status = 'OPEN')
    ORDER BY list.picker <> %(picker)s, wave.cut_off_at NULLS LAST, wave.id, list.list_number
    LIMIT 1 FOR NO KEY UPDATE OF list SKIP LOCKED
) RETURNING id
"""
GIVE_BACK = """
UPDATE warehousing_picklist SET picker = '', claimed_until = NULL WHERE picker = %(picker)s
"""


@unit_of_work()
def claim(warehouse_id: int, *, picker: str, zone: str = "", at: datetime) -> PickList:
    """Give a picker the list they are on, or the next free one, for fifteen minutes from now.

    Every confirmed pick prolongs the time; a list whose time is over is anybody's.

    :raises Invalid: when the picker has no name. :raises NothingToPick: when no list is free.
    """
    if not picker.strip():
        raise Invalid(
            "say who picks",
            problems=[Problem("no_picker", "say who picks", "/picker", remedy="scan the badge")],
        )
    given = {"warehouse_id": warehouse_id, "picker": picker, "zone": zone, "at": at, "until": at + LEASE}
    found = fetch(CLAIM, given)
    if not found:
        raise NothingToPick("there is no list to pick; one may be free again when somebody gives theirs up")
    return PickList.objects.select_related("wave").get(pk=found[0][0])


@unit_of_work()
def give_back(picker: str) -> int:
    """Let others have what a picker holds and has not picked; return how many lists."""
    return execute(GIVE_BACK, {"picker": picker})


@unit_of_work()
def confirm(
    task_id: int,
    *,
    quantity: int,
    picker: str,
    place: str = "",
    goods: str = "",
    into: str = "",
    by: Actor,
    at: datetime,
) -> PickTask:
    """Confirm one task in full. `place` and `goods` are what was scanned there, `into` the SSCC of tote or carton.

    :raises NotFound: when there is no such task, or no unit of that SSCC.
    :raises Claimed: when somebody else has the list now.
    :raises WrongScan: when something else was scanned. :raises ScanError: when a bar code is not right in itself.
    :raises Invalid: when the quantity is not what the task asks for; less is reported by `short`.
    :raises Quarantined: or Expired, when the goods must not leave.
    """
    task = _held(task_id, picker)
    if quantity != task.quantity:
        more = quantity > task.quantity
        raise Invalid(
            f"the task asks for {task.quantity}, not {quantity}",
            problems=[
                Problem(
                    "wrong_quantity",
                    f"the task asks for {task.quantity}, not {quantity}",
                    "/quantity",
                    remedy="put back what is too much"
                    if more
                    else "report the pick short when no more is there",
                )
            ],
        )
    return _pick(task, quantity, picker=picker, scans=(place, goods), into=into, by=by, at=at)


@unit_of_work()
def short(
    task_id: int,
    *,
    quantity: int,
    picker: str,
    place: str = "",
    goods: str = "",
    into: str = "",
    by: Actor,
    at: datetime,
) -> PickTask:
    """Report that only so much of a task is there. What can be had elsewhere is on the same list at once.

    :raises Invalid: when the quantity is negative, or not less than what the task asks for. And as `confirm`.
    """
    task = _held(task_id, picker)
    if not 0 <= quantity < task.quantity:
        message = f"a short pick finds 0 to {task.quantity - 1}, not {quantity}"
        raise Invalid(
            message, problems=[Problem("wrong_quantity", message, "/quantity", remedy="count what is there")]
        )
    return _pick(task, quantity, picker=picker, scans=(place, goods), into=into, by=by, at=at)


def _held(task_id: int, picker: str) -> PickTask:
    """Hold the wave and the list of a task for its picker: documents before what they lead to."""
    task = (
        PickTask.objects.select_related(
            "source", "product", "lot", "reservation__quant__handling_unit", "pick_list"
        )
        .filter(pk=task_id)
        .first()
    )
    if task is None:
        raise NotFound("there is no such task")
    lock_one(Wave.objects.filter(pk=task.wave_id))
    held = lock_one(PickList.objects.filter(pk=task.pick_list_id))
    if held.picker != picker:
        raise Claimed("somebody else has this list now" if held.picker else "claim the list first")
    return task


def _pick(
    task: PickTask,
    quantity: int,
    *,
    picker: str,
    scans: tuple[str, str],
    into: str,
    by: Actor,
    at: datetime,
) -> PickTask:
    unit = task.reservation.quant.handling_unit
    asked = pick_check.Asked(
        place=task.source.code,
        sku=task.product.sku,
        gtin=task.product.gtin,
        lot=task.lot.number if task.lot else "",
        sscc=unit.sscc if unit else "",
        expiry=task.lot.expiry_date if task.lot else None,
    )
    pick_check.check(asked, place=scans[0], goods=scans[1], today=at.date())
    picked: Mapping[int, int] = {task.task_number: quantity}
    unit_id = _tote(into, task) if into and quantity else None
    picking.confirm(task.wave_id, picked=picked, picker=picker, unit_id=unit_id, by=by, at=at)
    PickList.objects.filter(pk=task.pick_list_id).update(claimed_until=at + LEASE)
    task.refresh_from_db()
    return task


def _tote(into: str, task: PickTask) -> int:
    """Return the unit a pick goes into: an empty one, or one that stands where picks are put down."""
    scan = read(into)
    unit = (
        HandlingUnit.objects.filter(sscc=scan.sscc).select_related("location").first() if scan.sscc else None
    )
    if unit is None:
        raise NotFound(f"there is no unit {scan.sscc or into}")
    elsewhere = unit.location_id is not None and unit.location_id != task.destination_id
    if (
        unit.status != "STORED"
        or elsewhere
        or (unit.location and unit.location.kind != Location.Kind.STAGING)
    ):
        message = f"unit {unit.sscc} does not stand in staging"
        raise Invalid(
            message, problems=[Problem("wrong_unit", message, "/into", remedy="scan an open tote or carton")]
        )
    return unit.pk
