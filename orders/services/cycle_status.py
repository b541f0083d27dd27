"""Note on a cycle how far its purchase order has come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from b2b.core.actor import Actor
from b2b.db.locks import lock_one
from orders.models import OrderCycle


def note(cycle_id: UUID, verb: str, *, by: Actor, at: datetime) -> None:
    """Move a cycle by `verb` if its status allows it; told twice, the second changes nothing."""
    cycle = lock_one(OrderCycle.objects.filter(pk=cycle_id))
    if OrderCycle.machine.allows(cycle.status, verb):
        cycle.advance(verb, by=by, at=at)
