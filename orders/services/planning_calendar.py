"""What of planning is due: each factory once a local day, whoever wakes up and however often."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from django.conf import settings

from b2b.core import clock
from b2b.core.actor import Actor, acting_as, system
from b2b.db.bulk import fetch
from orders.models import PlanRun
from orders.services import demand, production_plan
from orders.services.cycle_plan import operators_only

# Who keeps a buffer, or makes something that was asked for lately.
_FACTORIES: Final = """
    SELECT factory_id FROM orders_buffer WHERE is_active
    UNION SELECT source.factory_id FROM orders_supplysource source
    WHERE source.is_active AND source.product_id IN (
        SELECT product_id FROM orders_forecastline WHERE run_id = (
            SELECT id FROM orders_forecastrun WHERE first_week_date <= %(today)s
            ORDER BY first_week_date DESC LIMIT 1))
    EXCEPT SELECT factory_id FROM orders_planrun WHERE period_key = %(key)s
    ORDER BY 1
"""


def plan_due(*, by: Actor, at: datetime) -> list[PlanRun]:
    """Plan every factory that has no plan of this local day yet, each in a transaction of its own.

    A day that was missed is not made up for: the plan of today reads all that has happened since. A crash leaves the
    factories planned so far; the next call goes on with the others. :raises Forbidden: unless the operator or the
    platform asks.
    """
    operators_only(by)
    key = clock.today(settings.TIME_ZONE).isoformat()
    with acting_as(system("orders")):
        due = [factory for (factory,) in fetch(_FACTORIES, {"today": at.date(), "key": key})]
        return [production_plan.plan(factory, period_key=key, by=by, at=at) for factory in due]


def mark_stock_outs(*, on_date: date) -> list[int]:
    """Note which of the products that are kept in stock nobody could have on that day; see `demand`."""
    with acting_as(system("orders")):
        kept = [
            key
            for (key,) in fetch("SELECT product_id FROM orders_buffer WHERE is_active ORDER BY product_id")
        ]
    return demand.mark_stock_outs(kept, on_date=on_date) if kept else []
