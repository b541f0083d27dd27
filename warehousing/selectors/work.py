"""What is to be done: goods to take in, waves to pick and to pack, reservations to release."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from warehousing.models import PickTask, Receipt, Reservation, Warehouse, Wave


def warehouses(actor: Actor) -> QuerySet[Warehouse]:
    """Return the warehouses work can be done in: all for operators, none for others."""
    houses = Warehouse.objects.filter(is_active=True).select_related("site").order_by("priority", "pk")
    return houses if actor.sees_all else houses.none()


def receipts(actor: Actor) -> QuerySet[Receipt]:
    """Return receipts an actor may see, newest first: operators all, a factory those of its own goods."""
    return Receipt.objects.visible_to(actor).select_related("warehouse", "factory").order_by("-pk")


def receipt(actor: Actor, receipt_id: UUID) -> Receipt:
    """Return one receipt with its lines.

    :raises NotFound: when there is none, or it is not the actor's to see.
    """
    found = receipts(actor).prefetch_related("lines__product", "lines__lot").filter(pk=receipt_id).first()
    if found is None:
        raise NotFound("there is no such receipt")
    return found


def waves(actor: Actor) -> QuerySet[Wave]:
    """Return waves, newest first; only operators see them."""
    return Wave.objects.visible_to(actor).select_related("warehouse").order_by("-pk")


def wave(actor: Actor, wave_id: UUID) -> Wave:
    """Return one wave.

    :raises NotFound: when there is none, or it is not the actor's to see.
    """
    found = waves(actor).filter(pk=wave_id).first()
    if found is None:
        raise NotFound("there is no such wave")
    return found


def tasks(actor: Actor, wave_id: UUID) -> QuerySet[PickTask]:
    """Return the pick tasks of a wave in the order of the walk."""
    return (
        PickTask.objects.visible_to(actor)
        .filter(wave_id=wave_id)
        .select_related("product", "lot", "source", "destination")
        .order_by("task_number")
    )


def waiting(actor: Actor, warehouse_id: int) -> QuerySet[Reservation]:
    """Return reservations of a warehouse nobody has been sent for yet."""
    return (
        Reservation.objects.visible_to(actor)
        .filter(status="ACTIVE", quant__location__warehouse_id=warehouse_id)
        .exclude(tasks__status__in=["OPEN", "PICKED"])
    )
