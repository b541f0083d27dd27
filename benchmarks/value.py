"""The value view beside a million order lines: a page of it, and the sums of days kept while lines are noted."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Final

from b2b.core.actor import Actor, acting_as, system
from b2b.db.bulk import execute
from b2b.db.transactions import unit_of_work
from b2b.tower.selectors import value, value_detail
from b2b.tower.selectors.value import Span
from benchmarks.report import Report, measuring

SIZES: Final = (100_000, 1_000_000)
FIRST: Final = date(2026, 1, 1)
DAYS, DEALERS, CATEGORIES, PRODUCTS = 90, 300, 12, 600
ROUNDS: Final = 3
# Lines of orders of eight lines, spread over days, dealers and goods; nine of ten were delivered.
FILL: Final = """
    INSERT INTO tower_orderlinefact (order_line_id, order_id, order_number, dealer_id, product_id, factory_id, category,
        currency, version, ordered_at, day, need_by_date, ordered_quantity, ordered_amount, delivered_quantity,
        freight_amount, delivered_at, delivered_date)
    SELECT %(first)s + n, md5((%(first)s + n / 8)::text)::uuid, 'B-' || n / 8, 1 + (n / 8) %% %(dealers)s,
        1 + n * 7 %% %(products)s, 1 + n * 7 %% 10, 'category ' || n * 7 %% %(categories)s, 'CNY', 1, at, at::date,
        at::date + 7, 24, 240, CASE WHEN n %% 10 > 0 THEN 24 ELSE 0 END, 12.34,
        CASE WHEN n %% 10 > 0 THEN at + interval '6 days' END, CASE WHEN n %% 10 > 0 THEN at::date + 6 END
    FROM generate_series(1, %(lines)s) n
    CROSS JOIN LATERAL (
        SELECT %(start)s::timestamptz + make_interval(days => (n / 8) %% %(days)s, hours => 2)) placed(at)
"""


def run(report: Report) -> None:
    """Fill in steps and read after each, as an operator and as a dealer."""
    filled = 0
    for size in report.sizes(*SIZES):
        with acting_as(system("benchmark")), measuring() as taken:
            _fill(filled, size - filled)
        report.rate("note lines with their sums of days", size - filled, taken, unit="lines/s")
        filled = size
        with acting_as(system("benchmark")):
            execute("ANALYZE tower_orderlinefact, tower_valueday")
        _read(report, size, "the operator's", system("benchmark"))
        _read(report, size, "a dealer's", Actor(kind="dealer", organization_id=1))


@unit_of_work()
def _fill(first: int, lines: int) -> None:
    execute(
        FILL,
        {
            "first": first,
            "lines": lines,
            "start": datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC),
            "days": DAYS,
            "dealers": DEALERS,
            "products": PRODUCTS,
            "categories": CATEGORIES,
        },
    )


def _read(report: Report, size: int, whose: str, actor: Actor) -> None:
    span = Span(FIRST, FIRST + timedelta(days=DAYS + 1))
    with acting_as(actor):
        for name, read in (
            (
                "by period",
                lambda: (
                    value.total(actor, span),
                    value.by_period(actor, span),
                    value_detail.pace(actor, span),
                ),
            ),
            ("by category", lambda: value.by_category(actor, span)),
            ("by product", lambda: value_detail.by_product(actor, span)),
        ):
            times = []
            for _ in range(ROUNDS):
                started = time.perf_counter()
                read()
                times.append(time.perf_counter() - started)
            report.duration(f"{whose} value, {name}", size, min(times) * 1000, at_most_ms=1000)


def _page(actor: Actor, span: Span) -> None:
    """Read what the page reads before anything is cut."""
    value.total(actor, span)
    value.by_period(actor, span)
    value_detail.pace(actor, span)
