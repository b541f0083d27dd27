"""Bring goods from the shelves to staging."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Invalid, Problem
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from warehousing.models import Demand, Location, Lot, MovementKind, PickTask, Quant, Wave
from warehousing.selectors import location
from warehousing.services import goods, movement, reservation, short_pick, shortfall, wave


class Quarantined(DomainError):
    """Goods in quarantine are not picked."""

    code = "quarantined"


class Expired(DomainError):
    """Goods that have expired are not picked."""

    code = "expired"


PICKED = {"task_id": "bigint", "reservation_id": "bigint", "picked": "bigint"}

SHORTEN = f"""
UPDATE warehousing_reservation kept SET status = CASE WHEN given.picked > 0 THEN 'ACTIVE' ELSE 'RELEASED' END,
    quantity = CASE WHEN given.picked > 0 THEN given.picked ELSE kept.quantity END
FROM {unnest(PICKED)} WHERE kept.id = given.reservation_id AND kept.quantity > given.picked
"""
CONFIRM = f"""
WITH given AS (SELECT * FROM {unnest(PICKED)}),
tasks AS (
    UPDATE warehousing_picktask task SET status = 'PICKED', picked_quantity = given.picked,
        unit_id = %(unit_id)s::bigint
    FROM given WHERE task.id = given.task_id
)
UPDATE warehousing_reservation kept SET status = CASE WHEN given.picked > 0 THEN 'PICKED' ELSE 'RELEASED' END,
    quantity = CASE WHEN given.picked > 0 THEN given.picked ELSE kept.quantity END
FROM given WHERE kept.id = given.reservation_id
"""


# Who took what from where; `short` is what was not there.
RECORD = """
INSERT INTO warehousing_pick (task_id, picker, quantity, short_quantity, quant_id, source_id, lot_id, unit_id, movement,
    picked_at)
SELECT task.id, %(picker)s, given.picked, given.asked - given.picked, given.quant_id, task.source_id, task.lot_id,
    task.unit_id, given.movement, %(at)s
FROM {given} JOIN warehousing_picktask task ON task.id = given.task_id
"""
TAKEN = {
    "task_id": "bigint",
    "picked": "bigint",
    "asked": "bigint",
    "quant_id": "bigint",
    "movement": "uuid",
}


@unit_of_work()
def confirm(
    wave_id: UUID,
    *,
    picked: Mapping[int, int] | None = None,
    picker: str = "",
    unit_id: int | None = None,
    by: Actor,
    at: datetime,
) -> Wave:
    """Confirm picks of a wave, task number -> quantity; without `picked` every open task was picked in full.

    `unit_id` is the tote or carton they were put into, standing in staging afterwards. What a picker did not find goes
    to quality, where nobody can be promised it again, until it is counted; its demand is reserved for elsewhere at
    once, and what was found is sent for on the same list. Of what is nowhere, PickedShort tells the orders. The wave
    is picked when no task is open.

    :raises IllegalTransition: when the wave is not on the floor.
    :raises Invalid: when a task is unknown, done already, or the quantity is not between 0 and what was asked.
    :raises Quarantined: when goods were quarantined since the wave was released; nothing is written.
    :raises Expired: when they have expired since.
    """
    held = lock_one(Wave.objects.filter(pk=wave_id))
    Wave.machine.next(held.status, "pick")
    open_tasks = PickTask.objects.filter(wave=held, status="OPEN")
    wanted = open_tasks if picked is None else open_tasks.filter(task_number__in=picked)
    lock(Demand.objects.filter(pk__in=wanted.values("demand_id")).only("pk"))
    tasks = _asked(list(wanted.select_related("reservation__quant").order_by("task_number")), picked)
    counts = {task.pk: task.quantity if picked is None else picked[task.task_number] for task in tasks}
    if any(
        counts[task.pk] < task.quantity for task in tasks
    ):  # then others of these goods are reserved as well
        goods.hold([task.product_id for task in tasks], warehouse_id=held.warehouse_id)
    _refuse_unfit(tasks, at=at)
    quality = location.by_kind([held.warehouse_id])[held.warehouse_id, Location.Kind.QUALITY]
    found = [task for task in tasks if counts[task.pk]]
    missed = [task for task in tasks if counts[task.pk] < task.quantity]
    told: dict[str, Any] = {"at": at, "document_type": "wave", "document_id": held.pk}
    movement.post(
        [_move(task, quality, task.quantity - counts[task.pk]) for task in missed],
        reason="not found by the picker",
        **told,
    )
    given = transpose(list(PICKED), ((task.pk, task.reservation_id, counts[task.pk]) for task in tasks))
    if missed:
        # Before the pick is told to the books of promises: goods are locked before books everywhere. What was found
        # still stands on its shelf then, else the books would promise more than there is, and all would be shared out.
        execute(SHORTEN, given)
        reservation.allocate_demands({task.demand_id for task in missed}, at=at)
    movements = movement.post(
        [_move(task, task.destination_id, counts[task.pk], unit_id=unit_id) for task in found], **told
    )
    execute(CONFIRM, {**given, "unit_id": unit_id})
    _record(
        tasks, counts, dict(zip((task.pk for task in found), movements, strict=True)), picker or by.name, at
    )
    if missed:
        wave.send_more(held, {task.demand_id: task.pick_list_id for task in missed})
        short_pick.ask_for_count(held, {task.source_id for task in missed}, by=by, at=at)
        short: Counter[int] = Counter()
        for task in missed:
            short[task.demand_id] += task.quantity - counts[task.pk]
        shortfall.tell(held.warehouse, short, at=at)
    if not open_tasks.exists():
        held.advance("pick", by=by, at=at)
    return held


def _record(
    tasks: Sequence[PickTask],
    counts: Mapping[int, int],
    movements: Mapping[int, UUID],
    picker: str,
    at: datetime,
) -> None:
    rows = (
        (task.pk, counts[task.pk], task.quantity, task.reservation.quant_id, movements.get(task.pk))
        for task in tasks
    )
    statement = RECORD.format(given=unnest(TAKEN))
    execute(statement, {**transpose(list(TAKEN), rows), "picker": picker[:150], "at": at})


def _asked(tasks: list[PickTask], picked: Mapping[int, int] | None) -> list[PickTask]:
    """Return the tasks that are confirmed, or say everything that is wrong at once."""
    if picked is None:
        return tasks
    by_number = {task.task_number: task for task in tasks}
    problems = []
    for number, quantity in picked.items():
        task = by_number.get(number)
        if task is None:
            problems.append(
                Problem("unknown_task", f"the wave has no open task {number}", f"/picked/{number}")
            )
        elif not 0 <= quantity <= task.quantity:
            problems.append(
                Problem("wrong_quantity", f"between 0 and {task.quantity} can be picked", f"/picked/{number}")
            )
    if problems:
        raise Invalid("the picks do not fit the wave", problems=problems)
    return [by_number[number] for number in sorted(picked)]


def _refuse_unfit(tasks: Sequence[PickTask], *, at: datetime) -> None:
    """Look at the lots once their quants are held: a quarantine waits for them, or was before us."""
    lots = {task.lot_id for task in tasks if task.lot_id is not None}
    if not lots:
        return
    lock(Quant.objects.filter(lot_id__in=lots, location_id__in={task.source_id for task in tasks}).only("pk"))
    found = Lot.objects.filter(pk__in=lots)
    blocked = sorted(found.exclude(status="RELEASED").values_list("number", flat=True))
    if blocked:
        raise Quarantined(f"lot {', '.join(blocked)} is not released", lots=blocked)
    expired = sorted(found.filter(expiry_date__lte=at.date()).values_list("number", flat=True))
    if expired:
        raise Expired(f"lot {', '.join(expired)} has expired", lots=expired)


def _move(task: PickTask, destination_id: int, quantity: int, *, unit_id: int | None = None) -> movement.Move:
    return movement.Move(
        handling_unit_id=task.reservation.quant.handling_unit_id,
        into_unit_id=unit_id,
        product_id=task.product_id,
        source_id=task.source_id,
        destination_id=destination_id,
        quantity=quantity,
        lot_id=task.lot_id,
        owner_id=task.owner_id,
        reserved=quantity,
        kind=MovementKind.PICK,
    )
