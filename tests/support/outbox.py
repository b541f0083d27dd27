"""Short forms for tests of the outbox."""

from datetime import UTC, datetime
from typing import Any

from b2b.core.actor import acting_as, system
from b2b.db.bulk import execute, fetch
from tests.support.probe.handlers import ProbeFired, ProbeSequenced

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def fired(number: int = 0, behaviour: str = "", lane: str = "") -> ProbeFired:
    """Make an unordered probe event."""
    return ProbeFired(occurred_at=AT, lane=lane or f"l{number}", number=number, behaviour=behaviour)


def sequenced(number: int, behaviour: str = "", lane: str = "a") -> ProbeSequenced:
    """Make an ordered probe event."""
    return ProbeSequenced(occurred_at=AT, lane=lane, number=number, behaviour=behaviour)


def effects(kind: str = "count") -> list[int]:
    """Return the numbers that had an effect, in the order in which they had it."""
    with acting_as(system("test")):
        return [
            number
            for (number,) in fetch("SELECT number FROM probe_effect WHERE kind = %s ORDER BY id", [kind])
        ]


def deliveries(**where: Any) -> list[tuple[Any, ...]]:
    """Return (id, status, attempts, waits, resent, last_error) of the deliveries in id order."""
    with acting_as(system("test")):
        return fetch(
            "SELECT id, status, attempts, waits, resent, last_error FROM outbox_delivery ORDER BY id"
        )


def statuses() -> dict[str, int]:
    """Return how many deliveries there are in each status."""
    with acting_as(system("test")):
        return dict(fetch("SELECT status, count(*) FROM outbox_delivery GROUP BY 1"))


def make_due() -> None:
    """Let every back-off and every lease be over."""
    with acting_as(system("test")):
        execute(
            """UPDATE outbox_delivery SET due_at = now() - interval '1 s', lease_until = lease_until - interval '1 h'
               WHERE status IN ('PENDING', 'SENT')"""
        )


def switch_on(name: str) -> None:
    """Supply the fact a handler waits for."""
    with acting_as(system("test")):
        execute("INSERT INTO probe_switch VALUES (%s)", [name])
