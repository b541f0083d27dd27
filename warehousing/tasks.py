"""What the warehouse does by the clock."""

from __future__ import annotations

from b2b.core.actor import acting_as, system
from b2b.outbox.schedule import daily
from warehousing.services import stock_period


@daily("warehousing.close_periods", at="03:10")
def close_periods() -> None:
    """Sum up the months of the stock ledger that are over."""
    with acting_as(system("close periods")):
        stock_period.close()
