"""A publisher that goes on through crashes and knows what it has really published."""

import threading
import time

from django.db import DatabaseError, InterfaceError, connection

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch_value
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from tests.support.outbox import fired, sequenced

LANES = 5
MOST_UNDONE = 300


class Publisher(threading.Thread):
    """Publishes numbered events, a few a transaction, until told to stop; `count` is how many numbers it used."""

    def __init__(self, *, size: int = 10, pause: float = 0.02) -> None:
        super().__init__(name="publisher", daemon=True)
        self.size, self.pause = size, pause
        self.count = 0
        self.over = threading.Event()

    def run(self) -> None:
        """Publish until stopped; a number whose commit is in doubt is looked up before it is used again."""
        with acting_as(system("publisher")):
            while not self.over.is_set():
                try:
                    if not self._is_published(self.count):
                        self._publish()
                    self.count += self.size
                    self.over.wait(self.pause)
                    while self._is_ahead() and not self.over.is_set():
                        self.over.wait(0.1)
                except (DatabaseError, InterfaceError):
                    connection.close()
                    time.sleep(0.05)
        connection.close()

    def _publish(self) -> None:
        numbers = range(self.count, self.count + self.size)
        with unit_of_work():
            publish(*[fired(number) for number in numbers])
            publish(*[sequenced(number, lane=f"lane{number % LANES}") for number in numbers])

    def _is_ahead(self) -> bool:
        """Tell whether so much waits that more would only make the test longer."""
        undone = "SELECT FROM outbox_delivery WHERE status IN ('PENDING', 'SENT') LIMIT %s"
        return bool(
            fetch_value(f"SELECT count(*) > %s FROM ({undone}) undone", [MOST_UNDONE, MOST_UNDONE + 1])
        )

    def _is_published(self, number: int) -> bool:
        return bool(
            fetch_value(
                "SELECT EXISTS (SELECT FROM outbox_outboxevent WHERE payload ->> 'number' = %s)",
                [str(number)],
            )
        )

    def finish(self) -> int:
        """Stop, and return how many numbers were published."""
        self.over.set()
        self.join()
        return self.count


def disorder(effects: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the (lane, number) that had their effect after a later one of their lane."""
    last: dict[str, int] = {}
    wrong = []
    for lane, number in effects:
        if number <= last.get(lane, -1):
            wrong.append((lane, number))
        last[lane] = number
    return wrong
