"""Sum up the months of the stock ledger, so that any past balance is a short sum."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from b2b.core.clock import now
from b2b.db.bulk import execute, fetch_value
from b2b.db.locks import advisory_lock
from b2b.db.partitions import add_months
from b2b.db.transactions import unit_of_work
from warehousing.models import StockPeriod

GRACE = timedelta(days=1)  # longer than any transaction that recorded something in the month may still run

CLOSE = """
INSERT INTO warehousing_stockperiodchange
    (recorded_month, effective_month, owner_id, product_id, lot_id, location_id, status, quantity)
SELECT %(month)s, date_trunc('month', effective_at AT TIME ZONE 'UTC')::date, owner_id, product_id, lot_id,
    location_id, status, sum(quantity)
FROM warehousing_stockledgerentry WHERE recorded_at >= %(begins)s AND recorded_at < %(ends)s
GROUP BY 2, owner_id, product_id, lot_id, location_id, status HAVING sum(quantity) <> 0
"""


@unit_of_work()
def close(*, at: datetime | None = None) -> list[date]:
    """Close every month that ended more than a day ago and is not closed yet; return them, the oldest first.

    A month is summed up once, whenever that is done: the sums say what was recorded in it and nothing else.
    """
    advisory_lock("warehousing.stock_period")
    at = at or now()
    last = StockPeriod.objects.order_by("-month").values_list("month", flat=True).first()
    month = add_months(last, 1) if last else _first()
    closed: list[date] = []
    while month is not None and _starts(add_months(month, 1)) + GRACE <= at:
        execute(CLOSE, {"month": month, "begins": _starts(month), "ends": _starts(add_months(month, 1))})
        StockPeriod.objects.create(month=month, closed_at=at)
        closed.append(month)
        month = add_months(month, 1)
    return closed


def _first() -> date | None:
    first = fetch_value("SELECT min(recorded_at) FROM warehousing_stockledgerentry")
    return first.astimezone(UTC).date().replace(day=1) if first else None


def _starts(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)
