"""What is to be done: goods to take in, waves to pick and to pack, reservations to release."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, Prefetch, QuerySet, Value
from django.db.models.functions import Concat

from b2b.core.actor import CARRIER, Actor
from b2b.core.errors import NotFound
from b2b.directory.models import Organization, Site
from warehousing.models import (
    Location,
    MovementKind,
    Pick,
    PickList,
    PickTask,
    Receipt,
    ReceiptLine,
    Reservation,
    ReturnReceipt,
    ReturnReceiptLine,
    StockLedgerEntry,
    Warehouse,
    Wave,
)


def warehouses(actor: Actor) -> QuerySet[Warehouse]:
    """Return the warehouses work can be done in: all for operators, none for others."""
    houses = Warehouse.objects.filter(is_active=True).select_related("site").order_by("priority", "pk")
    return houses if actor.sees_all else houses.none()


def warehouse(actor: Actor, code: str) -> Warehouse:
    """Return the warehouse with a code.

    :raises NotFound: when there is none, or the actor does not work in it.
    """
    found = warehouses(actor).filter(code=code).first()
    if found is None:
        raise NotFound(f"there is no warehouse {code}")
    return found


def receipts(actor: Actor) -> QuerySet[Receipt]:
    """Return receipts an actor may see, newest first: operators all, a factory those of its own goods."""
    return Receipt.objects.visible_to(actor).select_related("warehouse", "factory").order_by("-pk")


def receipts_with_lines(actor: Actor) -> QuerySet[Receipt]:
    """Return receipts with their lines in order."""
    lines = ReceiptLine.objects.select_related("product").order_by("line_number")
    return receipts(actor).prefetch_related(Prefetch("lines", lines))


def receipt(actor: Actor, receipt_id: UUID) -> Receipt:
    """Return one receipt with its lines.

    :raises NotFound: when there is none, or it is not the actor's to see.
    """
    found = receipts_with_lines(actor).filter(pk=receipt_id).first()
    if found is None:
        raise NotFound("there is no such receipt")
    return found


def return_receipts(actor: Actor) -> QuerySet[ReturnReceipt]:
    """Return return receipts with their lines, newest first: operators all, a dealer those of its own goods."""
    lines = ReturnReceiptLine.objects.select_related("product", "lot").order_by("line_number")
    return (
        ReturnReceipt.objects.visible_to(actor)
        .select_related("warehouse", "dealer")
        .prefetch_related(Prefetch("lines", lines))
        .order_by("-pk")
    )


def waves(actor: Actor) -> QuerySet[Wave]:
    """Return waves, newest first; only operators see them."""
    return Wave.objects.visible_to(actor).select_related("warehouse", "carrier").order_by("-pk")


def waves_with_tasks(actor: Actor) -> QuerySet[Wave]:
    """Return waves with their tasks in the order of the walk."""
    tasks = PickTask.objects.select_related("product", "lot", "source", "destination").order_by("task_number")
    return waves(actor).prefetch_related(Prefetch("tasks", tasks))


def wave(actor: Actor, wave_id: UUID) -> Wave:
    """Return one wave with its tasks.

    :raises NotFound: when there is none, or it is not the actor's to see.
    """
    found = waves_with_tasks(actor).filter(pk=wave_id).first()
    if found is None:
        raise NotFound("there is no such wave")
    return found


def site_ids(actor: Actor, codes: Sequence[str]) -> tuple[int, ...]:
    """Return the keys of sites named by code. :raises NotFound: naming those there are not."""
    found = dict(Site.objects.visible_to(actor).filter(code__in=codes).values_list("code", "pk"))
    missing = sorted(set(codes) - found.keys())
    if missing:
        raise NotFound(f"there is no site {', '.join(missing)}")
    return tuple(sorted(found.values()))


def carrier_id(actor: Actor, code: str) -> int | None:
    """Return the key of a carrier named by code, none for no code. :raises NotFound: when there is none."""
    if not code:
        return None
    found = Organization.objects.filter(kind=CARRIER, code=code).values_list("pk", flat=True).first()
    if found is None or not actor.sees_all:
        raise NotFound(f"there is no carrier {code}")
    return found


def pick_tasks(actor: Actor) -> QuerySet[PickTask]:
    """Return pick tasks with what a picker has to know; `reference` names one from outside. Only operators see them."""
    return (
        PickTask.objects.visible_to(actor)
        .select_related("wave", "product", "lot", "source", "demand", "pick_list")
        .annotate(reference=Concat("wave__number", Value("."), "task_number", output_field=CharField()))
        .order_by("task_number")
    )


def pick_task(actor: Actor, reference: str) -> PickTask:
    """Return the task of a reference: the wave's number, a full stop, the task's number.

    :raises NotFound: when there is none, or it is not the actor's to see.
    """
    number, _, task = reference.rpartition(".")
    found = None
    if task.isascii() and task.isdigit() and len(task) < 10:
        found = pick_tasks(actor).filter(wave__number=number, task_number=int(task)).first()
    if found is None:
        raise NotFound(f"there is no task {reference}")
    return found


def pick_list(actor: Actor, list_id: int) -> PickList:
    """Return a list with what is still `to_do` on it, in the order of the walk.

    :raises NotFound: when there is none, or it is not the actor's to see.
    """
    to_do = Prefetch("tasks", pick_tasks(actor).filter(status="OPEN"), to_attr="to_do")
    found = (
        PickList.objects.visible_to(actor).select_related("wave").prefetch_related(to_do).filter(pk=list_id)
    )
    for row in found:
        return row
    raise NotFound("there is no such list")


def list_of(actor: Actor, picker: str, *, at: datetime) -> PickList | None:
    """Return the list a picker is on, with what is still `to_do`, if they have one."""
    open_task = PickTask.objects.filter(pick_list=OuterRef("pk"), status="OPEN")
    mine = PickList.objects.visible_to(actor).filter(Exists(open_task), picker=picker, claimed_until__gt=at)
    key = mine.order_by("pk").values_list("pk", flat=True).first()
    return pick_list(actor, key) if key is not None else None


def to_count(actor: Actor, warehouse_id: int) -> QuerySet[Location]:
    """Return places of a warehouse where a pick was short and nothing was counted since."""
    short = Pick.objects.filter(source=OuterRef("pk"), short_quantity__gte=1)
    counted = StockLedgerEntry.objects.filter(
        location=OuterRef("source"), kind=MovementKind.COUNT, recorded_at__gte=OuterRef("picked_at")
    )
    places = Location.objects.filter(warehouse_id=warehouse_id).order_by("walk_sequence", "code")
    return places.filter(Exists(short.exclude(Exists(counted)))) if actor.sees_all else places.none()


def waiting(actor: Actor, warehouse_id: int) -> QuerySet[Reservation]:
    """Return reservations of a warehouse nobody has been sent for yet."""
    return (
        Reservation.objects.visible_to(actor)
        .filter(status="ACTIVE", quant__location__warehouse_id=warehouse_id)
        .exclude(tasks__status__in=["OPEN", "PICKED"])
    )
