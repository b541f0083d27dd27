"""What workers do for the outbox; messages carry ids only, and the database knows the rest."""

from __future__ import annotations

import logging
import time
from typing import Any

from celery import shared_task
from django.conf import settings
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection

from b2b.core.actor import acting_as, system
from b2b.outbox import dispatch, relay
from b2b.outbox.broker import Broker, Refused
from b2b.outbox.schedule import daily, every
from b2b.outbox.selectors import health
from b2b.outbox.services import delivery, heartbeat, schedule

log = logging.getLogger(__name__)

DATABASE_PATIENCE_S = 15


@shared_task(name="b2b.outbox.tasks.handle_deliveries", soft_time_limit=300, time_limit=330)
def handle_deliveries(delivery_ids: list[int], **_: Any) -> None:
    """Let the handlers of these deliveries act; what does not succeed is in the database and comes again."""
    until = time.monotonic() + DATABASE_PATIENCE_S
    while True:
        try:
            dispatch.handle(delivery_ids)
            return
        except (OperationalError, InterfaceError) as error:
            connection.close()
            if time.monotonic() > until:
                log.warning(
                    "the database is away, the leases of %s deliveries run out: %s", len(delivery_ids), error
                )
                return
            time.sleep(0.5)


@shared_task(name="b2b.outbox.tasks.tick", soft_time_limit=50, time_limit=60)
def tick(**_: Any) -> None:
    """Open the runs that are due and send them; beat calls this every few seconds, twice does no harm."""
    with acting_as(system("tick")):
        heartbeat.beat("beat", "tick")
        runs = schedule.tick()
    broker = Broker()
    try:
        for run_id, queue in runs:
            broker.call(run_scheduled, [run_id], queue=queue, expires=schedule.SENT_LEASE_SECONDS)
    except Refused as error:
        log.warning("the broker took no scheduled run, the next tick sends it again: %s", error)
    finally:
        broker.close()


@shared_task(name="b2b.outbox.tasks.run_scheduled")
def run_scheduled(run_id: int, **_: Any) -> None:
    """Run one period of a schedule."""
    schedule.run(run_id)


@shared_task(name="b2b.outbox.tasks.say_alive", soft_time_limit=20, time_limit=30)
def say_alive(queue: str, **_: Any) -> None:
    """Prove that a worker consumes the queue this came by."""
    with acting_as(system("worker")):
        heartbeat.beat("worker", queue)


@every("worker_heartbeats", seconds=10)
def ask_who_is_alive() -> None:
    """Send a question down every queue; a queue without a worker does not answer."""
    broker = Broker()
    try:
        for queue in settings.QUEUES:
            broker.call(say_alive, [queue], queue=queue, expires=30)
    finally:
        broker.close()


@every("outbox_safety_net", seconds=30)
def relay_when_the_relay_is_gone() -> None:
    """Send what is due when no relay has been seen for a while, and park what no handler is left for."""
    delivery.park_strays()
    delivery.forget_starts()
    if health.age_seconds("relay") < health.RELAY_STALE_SECONDS:
        return
    log.warning("no relay was seen for %s s; relaying from a worker", health.RELAY_STALE_SECONDS)
    broker = Broker()
    until = time.monotonic() + 25
    try:
        while time.monotonic() < until:
            if not relay.send_due(broker):
                time.sleep(0.5)
    finally:
        broker.close()


@daily("outbox_prune", at="03:40")
def prune() -> None:
    """Remove deliveries that had their effect long ago, and the traces of old runs."""
    delivery.prune()


@daily("partitions", at="01:10")
def prepare_partitions() -> None:
    """Create the months ahead of every partitioned table."""
    call_command("partitions")
