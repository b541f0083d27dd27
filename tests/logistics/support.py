"""What several tests of logistics ask."""

from __future__ import annotations

from typing import TypeVar

from b2b.contracts.base import Event
from b2b.core.actor import acting_as, system
from b2b.db import invariants
from b2b.db.bulk import fetch

E = TypeVar("E", bound=Event)

OURS = [name for name in invariants.INVARIANTS if name.startswith("logistics.")]


def events(kind: type[E]) -> list[E]:
    """Return the events of a type that were published, oldest first."""
    with acting_as(system("test")):
        rows = fetch(
            "SELECT payload::text FROM outbox_outboxevent WHERE topic = %s ORDER BY id", [kind.topic]
        )
    return [kind.from_json(payload) for (payload,) in rows]
