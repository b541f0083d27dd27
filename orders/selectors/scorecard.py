"""How good the signals to a factory were, and how it answered: shown to the factory itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from b2b.core.actor import Actor, acting_as, system
from b2b.db.bulk import fetch
from orders.policies import production_plan
from orders.policies.demand import monday_of

# What the runs expected of each week that is over, so many weeks before it, and what was asked for. Sums over regions
# and all products for which the factory is asked first: no dealer shows in them.
_ACCURACY: Final = """
    WITH mine AS (
        SELECT product_id FROM (
            SELECT DISTINCT ON (product_id) product_id, factory_id FROM orders_supplysource
            WHERE is_active ORDER BY product_id, priority, id) first WHERE factory_id = %(factory)s),
    told AS (
        SELECT line.product_id, week.number - 1 AS lag, run.first_week_date + 7 * (week.number - 1)::integer AS monday,
            sum(line.mean[week.number]) AS expected
        FROM orders_forecastrun run JOIN orders_forecastline line ON line.run_id = run.id JOIN mine USING (product_id)
        CROSS JOIN LATERAL generate_series(1, cardinality(line.mean)) AS week(number)
        WHERE run.first_week_date >= %(since)s GROUP BY 1, 2, 3),
    came AS (
        SELECT product_id, date_trunc('week', on_date)::date AS monday, sum(ordered) AS ordered
        FROM orders_demandbucket JOIN mine USING (product_id) WHERE on_date >= %(since)s GROUP BY 1, 2)
    SELECT lag, sum(abs(expected - coalesce(ordered, 0))), sum(expected - coalesce(ordered, 0)), sum(ordered)
    FROM told LEFT JOIN came USING (product_id, monday) WHERE monday < %(monday)s GROUP BY 1 ORDER BY 1
"""
# How much an outlook changed what the one before it had told of the same week, inside the fence.
_CHURN: Final = """
    SELECT sum(abs(coalesce(now.quantity, 0) - before.quantity)), sum(before.quantity)
    FROM orders_productionsignal later
    JOIN orders_productionsignalline before ON before.signal_id = later.supersedes_id
        AND before.commitment <> 'FORECAST'
    LEFT JOIN orders_productionsignalline now ON now.signal_id = later.id AND now.product_id = before.product_id
        AND now.week_start_date = before.week_start_date
    WHERE later.factory_id = %(factory)s AND later.created_at >= %(since)s
        AND before.week_start_date > later.created_at::date
"""
_ASKED: Final = """
    SELECT line.product_id, date_trunc('week', parent.created_at)::date, sum(line.quantity)::bigint
    FROM orders_productionsignalline line JOIN orders_productionsignal parent ON parent.id = line.signal_id
    WHERE parent.factory_id = %(factory)s AND parent.run_id IS NOT NULL AND line.is_order
        AND parent.created_at >= %(since)s AND parent.status NOT IN ('CANCELLED', 'EXPIRED', 'REJECTED') GROUP BY 1, 2
"""
_WANTED: Final = """
    SELECT product_id, date_trunc('week', on_date)::date, sum(ordered)::bigint FROM orders_demandbucket
    WHERE on_date >= %(since)s AND product_id IN (
        SELECT product_id FROM orders_buffer WHERE factory_id = %(factory)s) GROUP BY 1, 2
"""
_RESPONSE: Final = """
    SELECT count(*), coalesce(avg(extract(epoch FROM answered.at - sent.at) / 3600), 0)::numeric(12, 1),
        count(*) FILTER (WHERE answered.to_status = 'COMMITTED')
    FROM orders_productionsignal signal
    JOIN db_statuschange sent ON sent.document_id = signal.id AND sent.to_status = 'SENT'
    JOIN LATERAL (
        SELECT at, to_status FROM db_statuschange change WHERE change.document_id = signal.id
            AND change.to_status IN ('COMMITTED', 'REJECTED', 'EXPIRED') ORDER BY at LIMIT 1) answered ON true
    WHERE signal.factory_id = %(factory)s AND signal.is_order AND signal.created_at >= %(since)s
"""


@dataclass(frozen=True, slots=True)
class Lag:
    """Forecasts made so many weeks before: what they missed and their bias, as parts of what was asked for."""

    weeks: int
    missed: float
    bias: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The signals of the last weeks in figures; null where nothing is known yet.

    `churn` is the part of what was told inside the fences that was told otherwise later. `bullwhip` is the variance of
    weekly orders over that of weekly demand of the buffered products, summed over them.
    """

    since: date
    accuracy: list[Lag]
    churn: float | None
    bullwhip: float | None
    answered: int
    committed: int
    response_hours: float | None


def of_factory(actor: Actor, factory_id: int, *, today: date, weeks: int = 26) -> Scorecard | None:
    """Return a factory's scorecard; its own, or anybody's to the operator; None for anybody else. Five statements."""
    if not actor.sees_all and (actor.kind, actor.organization_id) != ("factory", factory_id):
        return None
    monday = monday_of(today)
    since = monday - timedelta(weeks=weeks)
    params = {"factory": factory_id, "monday": monday, "since": since}
    # Demand is the platform's to read; what leaves here are sums over regions and dealers.
    with acting_as(system("orders")):
        accuracy = [
            Lag(lag, float(missed / asked), float(bias / asked))
            for lag, missed, bias, asked in fetch(_ACCURACY, params)
            if asked
        ]
        [(changed, told)] = fetch(_CHURN, params)
        orders, demand = _by_week(fetch(_ASKED, params)), _by_week(fetch(_WANTED, params))
        [(answered, hours, committed)] = fetch(_RESPONSE, params)
    return Scorecard(
        since=since,
        accuracy=accuracy,
        churn=float(changed / told) if told else None,
        bullwhip=_bullwhip(orders, demand, production_plan.weeks_from(since, weeks)),
        answered=answered,
        committed=committed,
        response_hours=float(hours) if answered else None,
    )


def _by_week(rows: list[tuple[Any, ...]]) -> dict[int, dict[date, int]]:
    found: dict[int, dict[date, int]] = defaultdict(dict)
    for product, week, quantity in rows:
        found[product][week] = quantity
    return found


def _bullwhip(
    orders: dict[int, dict[date, int]], demand: dict[int, dict[date, int]], weeks: list[date]
) -> float | None:
    """Return the ratio of summed variances, from the first week in which anything was wanted or asked for."""
    begun = [min(by_week) for by_week in (*orders.values(), *demand.values()) if by_week]
    if not begun or not demand:
        return None
    span = [week for week in weeks if week >= min(begun)]
    varied = asked = 0.0
    for product, by_week in demand.items():
        wanted = [by_week.get(week, 0) for week in span]
        ordered = [orders.get(product, {}).get(week, 0) for week in span]
        varied += production_plan.variance(wanted)
        asked += production_plan.variance(ordered)
    return asked / varied if varied else None
