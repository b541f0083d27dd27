"""What the exchange does by the clock."""

from __future__ import annotations

import logging
import time

from b2b.core import clock
from b2b.exchange import sender
from b2b.exchange.services import message
from b2b.outbox.schedule import daily, every
from b2b.outbox.selectors import health

log = logging.getLogger(__name__)

STALE_S = 60


@every("webhooks_safety_net", seconds=30, queue="exchange")
def send_when_the_sender_is_gone() -> None:
    """Deliver webhooks from a worker when no sender has been seen for a while."""
    if health.age_seconds("webhooks") < STALE_S:
        return
    until = time.monotonic() + 25
    while time.monotonic() < until and sender.step():
        pass


@daily("webhooks_prune", at="03:50", queue="exchange")
def prune() -> None:
    """Remove messages that were delivered or given up long ago."""
    message.prune(at=clock.now())
