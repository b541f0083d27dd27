"""What the warehouse does by the clock."""

from __future__ import annotations

from celery import shared_task

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.outbox.schedule import daily, every
from warehousing.services import empty_stock, promise_release, stock_period


@daily("warehousing.close_periods", at="03:10")
def close_periods() -> None:
    """Sum up the months of the stock ledger that are over."""
    with acting_as(system("close periods")):
        stock_period.close()


@daily("warehousing.prune_stock", at="03:40")
def prune_stock() -> None:
    """Drop balances that hold nothing any more."""
    with acting_as(system("prune stock")):
        while empty_stock.prune() == empty_stock.MOST:
            pass


@every("warehousing_lapse", seconds=60)
@shared_task(name="warehousing.tasks.lapse", soft_time_limit=50, time_limit=55)
def lapse() -> None:
    """Give back promises and reservations whose time is over."""
    with acting_as(system("warehousing")):
        promise_release.lapse(at=clock.now())
        promise_release.lapse_reservations(at=clock.now())
