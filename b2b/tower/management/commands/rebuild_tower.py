"""Make the read models of the control tower anew from the facts that were told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from b2b.core.actor import acting_as, system
from b2b.core.errors import NotYet
from b2b.db.bulk import execute, fetch, fetch_value
from b2b.db.transactions import unit_of_work
from b2b.outbox.registry import HANDLERS, Handler

TABLES: Final = (
    "tower_timelineentry",
    "tower_deliveryfact",
    "tower_orderlinefact",
    "tower_savinglinefact",
    "tower_savingfact",
    "tower_flowfact",
    "tower_valueday",
)
BATCH: Final = 1_000
_FACTS: Final = """
    SELECT id, topic, payload::text FROM outbox_outboxevent
    WHERE topic = ANY(%(topics)s) AND id > %(after)s ORDER BY id LIMIT %(batch)s
"""
Fact = tuple[UUID, str, str]


class Command(BaseCommand):
    """`manage.py rebuild_tower`: all or nothing; refuses when the outbox has forgotten what the tower still knows."""

    help = "Make the control tower's read models anew from the outbox, in one transaction."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild, and say from how many facts."""
        with acting_as(system("rebuild_tower")):
            self.stdout.write(f"{self._rebuild()} facts were noted anew")

    @unit_of_work()
    def _rebuild(self) -> int:
        known = fetch_value("SELECT count(*) FROM tower_flowfact")
        for table in TABLES:
            execute(f"DELETE FROM {table}")
        handlers = [one for one in HANDLERS.values() if one.name.startswith("tower.")]
        waiting = [fact for fact in _facts(handlers) if not _noted(handlers, fact)]
        noted = fetch_value("SELECT count(*) FROM tower_flowfact")
        while waiting:
            left = [fact for fact in waiting if not _noted(handlers, fact)]
            if len(left) == len(waiting):
                raise CommandError(
                    f"{len(left)} facts wait for others that were never told; nothing was changed"
                )
            waiting = left
            noted = fetch_value("SELECT count(*) FROM tower_flowfact")
        if noted < known:
            raise CommandError(
                f"the outbox knows {noted} of {known} figures any more; nothing was changed: keep its partitions longer"
            )
        return int(
            fetch_value("SELECT count(*) FROM outbox_outboxevent WHERE topic = ANY(%s)", [_topics(handlers)])
        )


def _topics(handlers: list[Handler]) -> list[str]:
    return sorted({one.event.topic for one in handlers})


def _facts(handlers: list[Handler]) -> Iterator[Fact]:
    """Read the facts in the order they were told, a batch at a time."""
    after = UUID(int=0)
    while rows := fetch(_FACTS, {"topics": _topics(handlers), "after": after, "batch": BATCH}):
        yield from rows
        after = rows[-1][0]


def _noted(handlers: list[Handler], fact: Fact) -> bool:
    """Note a fact; False when it waits for another one."""
    _, topic, payload = fact
    try:
        for one in handlers:
            if one.event.topic == topic:
                one.call(one.event.from_json(payload))
    except NotYet:
        return False
    return True
