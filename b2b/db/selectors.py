"""What the kernel itself can tell: the history of a document."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from b2b.core.actor import Actor
from b2b.db.models import StatusChange

M = TypeVar("M", bound=Model)


def visible(actor: Actor, model: type[M]) -> QuerySet[M]:
    """Return the rows of a model an actor may see, by the model's tenancy; one without it is the operator's alone."""
    rows = model._default_manager.all()
    scoped = getattr(rows, "visible_to", None)
    if scoped is not None:
        return scoped(actor)  # type: ignore[no-any-return]
    return rows if actor.sees_all else rows.none()


def history(actor: Actor, document_id: UUID) -> QuerySet[StatusChange]:
    """Return the status changes of a document, oldest first, as far as `actor` is a party to it."""
    changes = StatusChange.objects.filter(document_id=document_id).order_by("at", "pk")
    if actor.sees_all:
        return changes
    if actor.organization_id is None:
        return changes.none()
    return changes.filter(parties__contains=[actor.organization_id])
