"""How a sleeping relay is woken: LISTEN on a connection of its own, while holding the lock that publishers try."""

from __future__ import annotations

from django.db import connections

from b2b.embedded import databases
from b2b.outbox.publish import CHANNEL, SLEEP_LOCK


class Wake:
    """A dedicated connection as the application role; call `close()` after any psycopg error and make a new one.

    Asleep means holding SLEEP_LOCK. A publisher that cannot share the lock notifies; one that can goes unheard, and
    then the lock could not be taken before its commit was visible: nothing is missed either way.
    """

    def __init__(self) -> None:
        self.is_asleep = False
        self._connection = databases.connect(connections.settings["default"])
        self._connection.execute(f"LISTEN {CHANNEL}")

    def fall_asleep(self) -> bool:
        """Take the lock if nobody is publishing; look once more before waiting when this says True."""
        if not self.is_asleep:
            answer = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [SLEEP_LOCK]).fetchone()
            self.is_asleep = bool(answer and answer[0])
        return self.is_asleep

    def wait(self, seconds: float) -> bool:
        """Wait for a publisher at most so long; say whether one called."""
        return any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))

    def get_up(self) -> None:
        """Give the lock back, so that publishers save themselves the call."""
        if self.is_asleep:
            self._connection.execute("SELECT pg_advisory_unlock(%s)", [SLEEP_LOCK])
            self.is_asleep = False

    def close(self) -> None:
        """End the connection and with it lock and subscription."""
        self._connection.close()
