"""Periodic work of orders; the database knows what is due, so a missed run only delays."""

from __future__ import annotations

from celery import shared_task

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.outbox.schedule import every
from orders.services import order_cycle


@every("order_cycles_close", seconds=15)
@shared_task(name="orders.tasks.close_due_cycles", soft_time_limit=300, time_limit=330)
def close_due_cycles() -> None:
    """Close the cycles whose cut-off has passed."""
    with acting_as(system("orders")) as platform:
        order_cycle.close_due(by=platform, at=clock.now())


@every("order_cycles_open", seconds=60)
@shared_task(name="orders.tasks.open_cycles", soft_time_limit=60, time_limit=90)
def open_cycles() -> None:
    """Open the cycles that follow on repeating ones."""
    with acting_as(system("orders")) as platform:
        order_cycle.ensure_open(by=platform, at=clock.now())
