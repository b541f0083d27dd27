"""Demand by week, as forecasts and screens read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from b2b.core.actor import Actor
from b2b.db.bulk import fetch
from b2b.db.querysets import ScopedQuerySet
from orders.models import DemandBucket, ForecastLine

# Of a week with so many days out of stock nothing is known; with fewer it is blown up to a whole one.
UNKNOWN_FROM_DAYS: Final = 4
_WEEKS: Final = """
    WITH first AS (
        SELECT product_id, region, min(on_date) AS on_date FROM orders_demandbucket
        WHERE ordered > 0 AND on_date < %(until)s GROUP BY 1, 2),
    sold AS (
        SELECT product_id, region, (on_date - %(since)s) / 7 AS week, sum(ordered)::float8 AS ordered
        FROM orders_demandbucket WHERE on_date >= %(since)s AND on_date < %(until)s AND ordered > 0 GROUP BY 1, 2, 3),
    gone AS (
        SELECT product_id, (on_date - %(since)s) / 7 AS week, count(*) AS days
        FROM orders_stockout WHERE on_date >= %(since)s AND on_date < %(until)s GROUP BY 1, 2)
    SELECT first.product_id, first.region, product.category,
        greatest((first.on_date - %(since)s) / 7, 0) AS start, found.weeks, found.sold, found.days
    FROM first JOIN catalog_product product ON product.id = first.product_id AND product.is_active
    LEFT JOIN LATERAL (
        SELECT array_agg(week) AS weeks, array_agg(coalesce(ordered, 0)) AS sold, array_agg(coalesce(days, 0)) AS days
        FROM (SELECT week, ordered FROM sold WHERE sold.product_id = first.product_id AND sold.region = first.region)
            AS mine FULL JOIN (SELECT week, days FROM gone WHERE gone.product_id = first.product_id) AS out USING (week)
        ) found ON true
    ORDER BY first.product_id, first.region
"""


@dataclass(frozen=True)
class History:
    """A panel of weekly demand (`policies.forecasting.panel`) and what its rows are."""

    products: list[int]
    regions: list[str]
    categories: Any
    panel: Any


def weekly(*, until: date, weeks: int) -> History:
    """Return the demand of the `weeks` before Monday `until` for every active product and region; one statement.

    A row begins with its first week of demand; weeks mostly out of stock are NaN.
    """
    since = until - timedelta(weeks=weeks)
    rows = fetch(_WEEKS, {"since": since, "until": until})
    panel = np.full((len(rows), weeks), np.nan)
    for index, (_product, _region, _category, start, found, sold, days) in enumerate(rows):
        panel[index, start:] = 0.0
        if found is not None:
            week, out = np.asarray(found, dtype=int), np.asarray(days, dtype=float)
            whole = np.asarray(sold, dtype=float) * 7 / np.maximum(7 - out, 1)
            here = week >= start
            panel[index, week[here]] = np.where(out >= UNKNOWN_FROM_DAYS, np.nan, whole)[here]
    names = {name: number for number, name in enumerate(sorted({row[2] for row in rows}))}
    return History(
        products=[row[0] for row in rows],
        regions=[row[1] for row in rows],
        categories=np.array([names[row[2]] for row in rows], dtype=np.int64),
        panel=panel,
    )


def buckets(actor: Actor) -> ScopedQuerySet[DemandBucket]:
    """Return demand by day; the operator's alone."""
    return DemandBucket.objects.visible_to(actor).select_related("product")


def forecasts(actor: Actor) -> ScopedQuerySet[ForecastLine]:
    """Return forecasts, the latest run first; the operator's alone."""
    return (
        ForecastLine.objects.visible_to(actor)
        .select_related("product", "run")
        .order_by("-run_id", "product_id")
    )
