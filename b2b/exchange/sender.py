"""The process that writes messages for those who listen and delivers them, for as long as it runs."""

from __future__ import annotations

import logging
import os
import random
import socket
import threading
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from datetime import timedelta
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.exchange import transport
from b2b.exchange.policies import redelivery, signature
from b2b.exchange.policies.envelope import numbered
from b2b.exchange.services import fan_out, message
from b2b.exchange.services.message import Due, Lane, Outcome
from b2b.outbox.services import heartbeat

log = logging.getLogger(__name__)

ADDRESSES_AT_ONCE: Final = 16
LOOKS_EVERY_S: Final = 0.5
HEARTBEAT_S: Final = 5.0
LONGEST_BACK_OFF_S: Final = 5.0
BY: Final = system("webhooks")


class Sender:
    """One loop over database and addresses; any number of such processes share the work."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.stopping = threading.Event()
        self._failures = 0
        self._next_heartbeat = clock.now()

    def stop(self) -> None:
        """End the loop after the present step."""
        self.stopping.set()

    def run(self) -> None:
        """Send until stopped."""
        with acting_as(BY):
            while not self.stopping.is_set():
                try:
                    self._beat()
                    busy = step()
                    self._failures = 0
                except (DatabaseError, InterfaceError) as error:
                    connection.close()
                    if not self._failures:
                        log.warning("the database is away: %s", str(error).strip())
                    self._failures += 1
                    self.stopping.wait(min(0.1 * 2 ** min(self._failures, 10), LONGEST_BACK_OFF_S))
                    continue
                if not busy:
                    self.stopping.wait(LOOKS_EVERY_S)
        connection.close()

    def _beat(self) -> None:
        now = clock.now()
        if now >= self._next_heartbeat:
            heartbeat.beat("webhooks", self.name)
            self._next_heartbeat = now + timedelta(seconds=HEARTBEAT_S)


def step() -> bool:
    """Write what is new and send what is due, once; tell whether there may be more."""
    with acting_as(BY):
        looked = fan_out.spread(at=clock.now())
        lanes = message.claim(at=clock.now(), limit=ADDRESSES_AT_ONCE)
        if lanes:
            with ThreadPoolExecutor(len(lanes)) as pool:
                futures: dict[Future[list[Outcome]], Lane] = {
                    pool.submit(deliver, lane): lane for lane in lanes
                }
                for done in as_completed(futures):
                    message.record(futures[done], done.result(), by=BY, at=clock.now())
    return bool(looked or lanes)


def deliver(lane: Lane) -> list[Outcome]:
    """Send a lane's messages in order until one fails; touches no database."""
    outcomes = []
    for due in lane.messages:
        outcomes.append(attempt(lane, due))
        if outcomes[-1].verdict != redelivery.TAKEN:
            break
    return outcomes


def attempt(lane: Lane, due: Due) -> Outcome:
    """Send one message once and say what follows."""
    at = clock.now()
    body = numbered(due.body, due.sequence)
    headers = {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "User-Agent": "Midstream-Webhooks/1",
        **signature.headers(lane.keys, str(due.id), at, body),
    }
    answer = transport.post(lane.url, body, headers)
    verdict = redelivery.judge(
        answer.status, due.attempts + 1, at, chance=random.random(), retry_after=answer.retry_after
    )
    return Outcome(due.id, at, answer.status, answer.duration_ms, answer.said, verdict.kind, verdict.due_at)
