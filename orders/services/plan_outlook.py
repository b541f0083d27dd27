"""What a factory will be asked for later: forecast less orders, levelled, and not told anew for trifles."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np

from b2b.db.bulk import fetch
from orders.policies import production_plan
from orders.services import plan_consumption
from orders.services.plan_signals import Wanted

if TYPE_CHECKING:
    from orders.services.production_plan import Asked

# The factory that is asked first makes it; the earliest week it can is after its lead time.
_EXPECTED: Final = """
    SELECT line.product_id, week.number - 1 + (run.first_week_date - %(monday)s) / 7, sum(line.mean[week.number]),
        min(source.lead_time_days), min(source.weekly_capacity)
    FROM orders_forecastrun run JOIN orders_forecastline line ON line.run_id = run.id
    JOIN LATERAL (SELECT factory_id, lead_time_days, weekly_capacity FROM orders_supplysource
        WHERE product_id = line.product_id AND is_active ORDER BY priority, id LIMIT 1) source
        ON source.factory_id = %(factory)s
    CROSS JOIN LATERAL generate_series(1, cardinality(line.mean)) AS week(number)
    WHERE run.id = (
        SELECT id FROM orders_forecastrun WHERE first_week_date <= %(today)s ORDER BY first_week_date DESC LIMIT 1)
    GROUP BY 1, 2 ORDER BY 1, 2
"""
_BOOKED: Final = """
    SELECT line.product_id, (line.week_start_date - %(monday)s) / 7,
        sum(greatest(line.quantity - line.rejected_quantity - line.fulfilled_quantity, 0))::bigint
    FROM orders_productionsignalline line JOIN orders_productionsignal parent ON parent.id = line.signal_id
    WHERE line.factory_id = %(factory)s AND line.is_order AND line.week_start_date >= %(monday)s
        AND parent.status IN ('PROPOSED', 'APPROVED', 'SENT', 'ACKNOWLEDGED', 'COMMITTED', 'IN_PRODUCTION')
    GROUP BY 1, 2
"""
# What was told last: the outlook that nothing has superseded; what the factory committed to in any of them is fixed.
_TOLD: Final = """
    SELECT line.product_id, (line.week_start_date - %(monday)s) / 7, line.quantity, line.committed_quantity, line.id
    FROM orders_productionsignalline line JOIN orders_productionsignal parent ON parent.id = line.signal_id
    WHERE line.factory_id = %(factory)s AND NOT line.is_order AND line.week_start_date >= %(monday)s
        AND parent.status IN ('PROPOSED', 'APPROVED', 'SENT', 'ACKNOWLEDGED', 'COMMITTED')
    ORDER BY line.id
"""


def booked(asked: Asked) -> dict[int, list[int]]:
    """Return what signals have already put into each week, by product."""
    many = len(asked.mondays)
    found: dict[int, list[int]] = defaultdict(lambda: [0] * many)
    for product, week, quantity in fetch(_BOOKED, asked.params):
        if week < many:
            found[product][week] += quantity
    return found


def wanted(asked: Asked, taken: dict[int, list[int]]) -> list[Wanted]:
    """Return the outlook after each product's lead time, as it should be told; nothing when nothing is new.

    Lines that the factory committed to stay out of it: they are fixed.
    """
    many = len(asked.mondays)
    rows = fetch(_EXPECTED, asked.params)
    products = sorted({row[0] for row in rows})
    place = {product: index for index, product in enumerate(products)}
    gross = np.zeros((len(products), many), dtype=np.int64)
    terms: dict[int, tuple[int, int | None]] = {}
    for product, week, mean, lead_days, capacity in rows:
        terms[product] = lead_days, capacity
        if 0 <= week < many:
            gross[place[product], week] = -int(-mean // 1)
    left = plan_consumption.take(asked, gross, place)
    told, fixed = _told(asked)
    found: list[Wanted] = []
    for product in products:
        lead_days, capacity = terms[product]
        first = min(lead_days // 7 + 1, many - 1)
        full = taken.get(product, [0] * many)
        room = None if capacity is None else [capacity - one for one in full[first:]]
        weeks = production_plan.level([int(one) for one in left[place[product], first:]], room)
        for week, quantity in enumerate(weeks, start=first):
            if (product, week) in fixed:
                continue
            before = told.get((product, week))
            calm = quantity if before is None else production_plan.calm(
                before, quantity, week=week, fences=asked.fences
            )  # fmt: skip
            if calm:
                found.append(Wanted(product, week, calm, {}))
    news = {(one.product_id, one.week): one.quantity for one in found}
    return [] if news == told else found


def _told(asked: Asked) -> tuple[dict[tuple[int, int], int], set[tuple[int, int]]]:
    told: dict[tuple[int, int], int] = {}
    fixed: set[tuple[int, int]] = set()
    for product, week, quantity, committed, _ in fetch(_TOLD, asked.params):
        if committed is None:
            told[product, week] = quantity
        elif committed:
            fixed.add((product, week))
    return told, fixed
