"""Saying that one is alive."""

from __future__ import annotations

from b2b.db.bulk import execute
from b2b.db.transactions import unit_of_work


@unit_of_work()
def beat(component: str, name: str) -> None:
    """Note that a part was alive just now, by the database's clock."""
    execute(
        """
        INSERT INTO outbox_heartbeat (component, name, seen_at) VALUES (%s, %s, clock_timestamp())
        ON CONFLICT (component, name) DO UPDATE SET seen_at = excluded.seen_at
        """,
        [component, name[:120]],
    )
