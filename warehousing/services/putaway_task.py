"""Carry goods: claim tasks, give them back, confirm them where they really went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Invalid, Problem
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from warehousing.models import Location, MovementKind, PutawayTask
from warehousing.policies.putaway import Goods, Place, fill, misfit
from warehousing.services import movement, putaway

MOST: Final = 200  # tasks one person carries at once
# How long goods stay with somebody who confirms nothing; every confirmation prolongs all that is in the same hands.
LEASE: Final = timedelta(minutes=15)
# Rows somebody else is about to take are passed over: two people never get the same.
CLAIM: Final = """
UPDATE warehousing_putawaytask SET status = 'CLAIMED', claimed_by = %(who)s, claimed_at = %(at)s,
    claimed_until = %(until)s
WHERE id IN (SELECT id FROM warehousing_putawaytask
    WHERE warehouse_id = %(warehouse_id)s
    AND (status = 'OPEN' OR status = 'CLAIMED' AND claimed_until <= %(at)s) AND (%(kind)s = '' OR kind = %(kind)s)
    ORDER BY priority, id LIMIT %(count)s FOR UPDATE SKIP LOCKED)
RETURNING id
"""
_DONE: Final = {"task_id": "bigint", "destination_id": "bigint"}
FINISH: Final = f"""
UPDATE warehousing_putawaytask task SET status = 'DONE', destination_id = given.destination_id, done_at = %(at)s
FROM {unnest(_DONE)} WHERE task.id = given.task_id
"""


class NotYours(DomainError):
    """Somebody else carries these goods, or nobody does; claim the task first."""

    code = "task_not_claimed"


@dataclass(frozen=True, slots=True)
class Carried:
    """A task that is done; `location` is the code of another place than the proposed one."""

    task_id: int
    location: str = ""


@unit_of_work()
def claim(warehouse_id: int, *, count: int = 1, kind: str = "", by: Actor, at: datetime) -> list[PutawayTask]:
    """Give a person the next open tasks of a house, most urgent first, for fifteen minutes; none when there are none.

    Every task confirmed prolongs the time of all that the person holds; one whose time is over is anybody's.

    :raises Invalid: when more are wanted than one person carries at once.
    """
    if not 1 <= count <= MOST:
        raise Invalid(f"claim 1 to {MOST} tasks at once")
    given = {"warehouse_id": warehouse_id, "count": count, "kind": kind, "who": str(by)[:150]}
    given |= {"at": at, "until": at + LEASE}
    keys = [key for (key,) in fetch(CLAIM, given)]
    rows = PutawayTask.objects.filter(pk__in=keys).select_related("product", "lot", "source", "destination")
    return list(rows.order_by("priority", "pk"))


@unit_of_work()
def give_back(task_ids: Sequence[int], *, by: Actor) -> int:
    """Let others carry tasks of one's own after all, and return how many.

    :raises NotYours: when one of them is not claimed by this person.
    """
    tasks = _claimed(task_ids, by)
    return PutawayTask.objects.filter(pk__in=[task.pk for task in tasks]).update(
        status=PutawayTask.machine.next("CLAIMED", "give_back"),
        claimed_by="",
        claimed_at=None,
        claimed_until=None,
    )


@unit_of_work()
def confirm(carried: Sequence[Carried], *, by: Actor, at: datetime) -> list[PutawayTask]:
    """Move the goods of claimed tasks to their places; all or none, in a constant number of statements.

    Another place of the same house may be named if it is open, of the temperature class of the goods and has room.

    :raises NotYours: when a task is not claimed by this person.
    :raises Invalid: for a place that is unknown or does not fit, naming every task.
    :raises NotEnoughStock: when the goods were taken from the dock meanwhile.
    """
    tasks = _claimed([one.task_id for one in carried], by)
    wanted = {one.task_id: one.location for one in carried}
    chosen = _chosen(tasks, wanted)
    kinds = {"PUTAWAY": MovementKind.PUTAWAY, "REPLENISHMENT": MovementKind.TRANSFER}
    movement.post(
        [
            movement.Move(
                product_id=task.product_id,
                source_id=task.source_id,
                destination_id=chosen[task.pk],
                quantity=task.quantity,
                lot_id=task.lot_id,
                owner_id=task.owner_id,
                handling_unit_id=task.handling_unit_id,
                document_id=task.document_id,
                kind=kinds[task.kind],
            )
            for task in tasks
        ],
        at=at,
        document_type="putaway",
        document_id=tasks[0].document_id,
    )
    execute(FINISH, {**transpose(list(_DONE), chosen.items()), "at": at})
    houses = {task.warehouse_id for task in tasks}
    in_hand = PutawayTask.objects.filter(warehouse__in=houses, status="CLAIMED", claimed_by=str(by)[:150])
    in_hand.update(claimed_until=at + LEASE)
    for task in tasks:
        task.status, task.destination_id, task.done_at = "DONE", chosen[task.pk], at
    return tasks


def _claimed(task_ids: Sequence[int], by: Actor) -> list[PutawayTask]:
    tasks = lock(PutawayTask.objects.filter(pk__in=set(task_ids)).select_related("product"))
    mine = {task.pk for task in tasks if task.status == "CLAIMED" and task.claimed_by == str(by)[:150]}
    problems = [
        Problem(
            "task_not_claimed",
            f"task {key} is not yours to carry",
            f"/tasks/{index}",
            remedy="claim it first",
        )
        for index, key in enumerate(task_ids)
        if key not in mine
    ]
    if problems or not tasks:
        raise NotYours(problems=problems)
    return tasks


def _chosen(tasks: Sequence[PutawayTask], wanted: dict[int, str]) -> dict[int, int]:
    """Return task -> the place it goes to, or say of every task what is wrong with the place that was named."""
    chosen = {task.pk: task.destination_id for task in tasks}
    codes = {code for code in wanted.values() if code}
    if not codes:
        return chosen
    houses = {task.warehouse_id for task in tasks}
    named = Location.objects.filter(warehouse__in=houses, code__in=codes)
    known = {(place.warehouse_id, place.code): place for place in named}
    keys = [place.pk for place in known.values()]
    room = {place.key: place for house in houses for place in putaway.places(house, keys=keys)}
    by_key = {task.pk: task for task in tasks}
    problems = []
    for index, (key, code) in enumerate(wanted.items()):
        task = by_key[key]
        place = known.get((task.warehouse_id, code))
        if not code or (place is not None and place.pk == task.destination_id):
            continue
        fault = _fault(task, place, room)
        if fault:
            problems.append(
                Problem(
                    "wrong_place",
                    f"{code}: {fault}",
                    f"/tasks/{index}/location",
                    remedy="choose another place",
                )
            )
        elif place is not None:
            chosen[key] = place.pk
    if problems:
        raise Invalid("The goods do not go there.", problems=problems)
    return chosen


def _fault(task: PutawayTask, place: Location | None, room: dict[int, Place]) -> str:
    if place is None:
        return "there is no such place in this warehouse"
    if not place.is_active:
        return "the place is closed"
    if place.kind not in (Location.Kind.STORAGE, Location.Kind.PICKING) or place.pk == task.source_id:
        return f"goods are not put away in {place.get_kind_display().lower()}"
    product = task.product
    goods = Goods(
        task.pk,
        task.product_id,
        task.quantity,
        temperature=putaway.temperature(product),
        volume_cm3=product.volume_cm3,
        weight_g=product.weight_g,
    )
    there = room.get(place.pk)
    if there is None:
        return "goods stand on the places within it"
    why = misfit(there, goods, task.quantity)
    if not why:
        fill(there, goods, task.quantity)  # for the next task that names it
    return why
