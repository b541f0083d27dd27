"""What is to be done: goods to take in, waves to pick and to pack, reservations to release."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from warehousing.models import (
    PickTask,
    Receipt,
    ReceiptLine,
    Reservation,
    ReturnReceipt,
    ReturnReceiptLine,
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
    return Wave.objects.visible_to(actor).select_related("warehouse").order_by("-pk")


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


def waiting(actor: Actor, warehouse_id: int) -> QuerySet[Reservation]:
    """Return reservations of a warehouse nobody has been sent for yet."""
    return (
        Reservation.objects.visible_to(actor)
        .filter(status="ACTIVE", quant__location__warehouse_id=warehouse_id)
        .exclude(tasks__status__in=["OPEN", "PICKED"])
    )
