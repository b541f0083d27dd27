"""Forecast what every region will ask for, once a week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import numpy as np

from b2b.core.actor import Actor, acting_as, system
from b2b.db.bulk import execute, fetch, staged
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from orders.models import ForecastRun
from orders.policies.demand import monday_of
from orders.policies.forecasting import engine
from orders.policies.forecasting.choice import Kind, Method
from orders.selectors import demand as selectors
from orders.selectors.demand import History
from orders.services.cycle_plan import operators_only

HISTORY_WEEKS: Final = 156
HORIZON_WEEKS: Final = 13
SEASON_WEEKS: Final = 52
_COLUMNS: Final = {
    "product_id": "bigint", "region": "text", "kind": "text", "method": "text", "mean": "numeric(18,3)[]",
    "p10": "numeric(18,3)[]", "p50": "numeric(18,3)[]", "p90": "numeric(18,3)[]", "lead_weeks": "smallint",
    "lead_mean": "numeric", "lead_low": "bigint", "lead_high": "bigint", "error": "numeric", "naive_error": "numeric",
    "value_added": "numeric", "bias": "numeric", "tracking_signal": "numeric",
}  # fmt: skip
# From the factory that is asked first; a week more, because a week has to end before it is known.
_LEADS: Final = """
    SELECT DISTINCT ON (product_id) product_id, (lead_time_days + 6) / 7 + 1 FROM orders_supplysource
    WHERE product_id = ANY(%(products)s) AND is_active ORDER BY product_id, priority, id
"""


@unit_of_work()
def run(*, by: Actor, at: datetime) -> ForecastRun:
    """Forecast every product and region for this week and those after it; a week is forecast once, whoever asks.

    A constant number of statements. :raises Forbidden: unless the operator or the platform asks.
    """
    operators_only(by)
    first = monday_of(at.date())
    with acting_as(system("orders")):
        advisory_lock(f"orders.forecast.{first}")
        known = ForecastRun.objects.filter(first_week_date=first).first()
        if known is not None:
            return known
        # The week that is not over is no observation.
        history = selectors.weekly(until=first, weeks=HISTORY_WEEKS)
        made = ForecastRun.objects.create(
            first_week_date=first, horizon_weeks=HORIZON_WEEKS, history_weeks=HISTORY_WEEKS, created_at=at
        )
        if history.products:
            _write(made, history)
    return made


def _write(made: ForecastRun, history: History) -> None:
    leads = dict(fetch(_LEADS, {"products": sorted(set(history.products))}))
    lead = np.array([min(leads.get(product, 1), HORIZON_WEEKS) for product in history.products])
    found = engine.forecast(
        history.panel, period=SEASON_WEEKS, horizon=HORIZON_WEEKS, lead=lead, categories=history.categories
    )
    with staged(_COLUMNS, _rows(history, lead, found), analyzed=False) as table:
        names = ", ".join(_COLUMNS)
        execute(
            f"INSERT INTO orders_forecastline (run_id, {names}) SELECT %s, {names} FROM {table}", [made.pk]
        )


def _rows(history: History, lead: Any, found: engine.Forecast) -> Iterator[tuple[Any, ...]]:
    kinds, methods = [kind.name for kind in Kind], [method.name for method in Method]
    low, high = np.floor(found.lead_low), np.ceil(found.lead_high)
    for index, (product, region) in enumerate(zip(history.products, history.regions, strict=True)):
        weeks = (_told(steps[index]) for steps in (found.mean, found.p10, found.p50, found.p90))
        # How good it was has no more than four digits behind the point that mean anything.
        watched = (found.value_added, found.bias, found.tracking_signal)
        yield (
            product, region, kinds[found.kind[index]], methods[found.method[index]], *weeks, int(lead[index]),
            f"{found.lead_mean[index]:.3f}", int(low[index]), int(high[index]), f"{found.error[index]:.3f}",
            f"{found.naive_error[index]:.3f}", *(f"{figure[index]:.4f}" for figure in watched),
        )  # fmt: skip


def _told(steps: Any) -> str:
    return "{" + ",".join(f"{step:.3f}" for step in steps) + "}"
