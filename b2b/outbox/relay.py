"""The relay: takes due deliveries out of the database and tells workers about them, for as long as it runs."""

from __future__ import annotations

import logging
import os
import random
import socket
import threading
import time

import psycopg
from django.db import DatabaseError, InterfaceError, connection

from b2b.core.actor import acting_as, system
from b2b.outbox import claims, dispatch
from b2b.outbox.broker import Broker, Refused
from b2b.outbox.services import heartbeat
from b2b.outbox.wake import Wake

log = logging.getLogger(__name__)

BATCH = 1_000
STAYS_UP_SECONDS = 1.0  # after work it looks by itself for so long, which is cheaper than being woken
LOOKS_EVERY_SECONDS = 0.01
SLEEPS_SECONDS = 0.5
HEARTBEAT_SECONDS = 3.0
LONGEST_BACK_OFF_SECONDS = 5.0


class Relay:
    """One loop over database and broker; either may be away for as long as it likes."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.stopping = threading.Event()
        self.broker = Broker()
        self._wake: Wake | None = None
        self._failures = 0
        self._up_until = 0.0
        self._next_heartbeat = 0.0

    def stop(self) -> None:
        """End the loop after the present step."""
        self.stopping.set()

    def run(self) -> None:
        """Relay until stopped."""
        log.info("relay %s starts", self.name)
        with acting_as(system("relay")):
            while not self.stopping.is_set():
                try:
                    self._step()
                    self._failures = 0
                except Refused as error:
                    self._back_off(f"the broker is away: {error}")
                except (psycopg.Error, DatabaseError, InterfaceError) as error:
                    self._forget_database()
                    self._back_off(f"the database is away: {error}")
        self._forget_database()
        self.broker.close()
        log.info("relay %s stopped", self.name)

    def _step(self) -> None:
        if self._wake is None:
            self._wake = Wake()
        if time.monotonic() >= self._next_heartbeat:
            heartbeat.beat("relay", self.name)
            self._next_heartbeat = time.monotonic() + HEARTBEAT_SECONDS
        began = time.monotonic()
        sent = send_due(self.broker)
        looked = time.monotonic() - began
        if sent:
            self._up_until = time.monotonic() + STAYS_UP_SECONDS
            self._wake.get_up()
        elif self._wake.is_asleep:
            if self._wake.wait(SLEEPS_SECONDS):
                self._up_until = time.monotonic() + STAYS_UP_SECONDS
                self._wake.get_up()
        elif time.monotonic() < self._up_until or not self._wake.fall_asleep():
            # Looking takes at most a fifth of one core from those who do the work.
            self.stopping.wait(max(LOOKS_EVERY_SECONDS, 4 * looked))

    def _back_off(self, reason: str) -> None:
        if self._failures == 0:
            log.warning("%s", reason.strip())
        self._failures += 1
        longest = min(0.1 * 2 ** min(self._failures, 10), LONGEST_BACK_OFF_SECONDS)
        self.stopping.wait(longest * random.uniform(0.5, 1))

    def _forget_database(self) -> None:
        if self._wake is not None:
            self._wake.close()
            self._wake = None
        connection.close()


def send_due(broker: Broker, limit: int = BATCH) -> int:
    """Claim what is due and send it; return how many deliveries the broker took.

    :raises Refused: when the broker took nothing; what it did not take is given back.
    """
    sent = 0
    parts = dispatch.batches(claims.claim(limit))
    for number, batch in enumerate(parts):
        try:
            broker.send(batch)
        except Refused:
            claims.release([row.id for part in parts[number:] for row in part])
            raise
        sent += len(batch)
    return sent
