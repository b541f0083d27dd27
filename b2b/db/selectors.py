"""What the kernel itself can tell: the history of a document."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.db.models import StatusChange


def history(actor: Actor, document_id: UUID) -> QuerySet[StatusChange]:
    """Return the status changes of a document, oldest first, as far as `actor` is a party to it."""
    changes = StatusChange.objects.filter(document_id=document_id).order_by("at", "pk")
    if actor.sees_all:
        return changes
    if actor.organization_id is None:
        return changes.none()
    return changes.filter(parties__contains=[actor.organization_id])
