"""Ask a ledger of many lines what accounts came to: now, on any day, and as it was known at any moment."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any, Final

import psycopg

from b2b.core.actor import Actor, system
from benchmarks import limit, world
from benchmarks.report import Report
from finance.selectors import balance
from finance.services import chain

LINES: Final = 1_000_000
DAYS: Final = 365
ASKED: Final = 40
# Half of the lines are the control account's; booked over a year, effective up to two weeks before.
FILL: Final = """
    WITH head AS (
        INSERT INTO finance_journalentry (id, book_id, kind, is_pending, effective_date, booked_at, source_type,
            source_id, line_count, description, actor_name, body_hash)
        SELECT uuidv7(), %(book)s, 'benchmark', false, (at - (n %% 14) * interval '1 day')::date, at, 'fill', '', 2, '',
            'bench', '' FROM (
            SELECT n, %(from)s::timestamptz + n * %(step)s::interval AS at
            FROM generate_series(%(first)s::int, %(last)s::int) n) given
        RETURNING id, booked_at, effective_date)
    INSERT INTO finance_journalline (entry_id, line_number, account_id, amount, dimension, booked_at, effective_date,
        is_pending)
    SELECT id, leg, CASE leg WHEN 1 THEN %(control)s::bigint
        ELSE (%(others)s::bigint[])[1 + abs(hashtext(id::text)) %% cardinality(%(others)s::bigint[])] END,
        CASE leg WHEN 1 THEN 100 ELSE -100 END, '', booked_at, effective_date, false
    FROM head CROSS JOIN generate_series(1, 2) leg
"""
PART: Final = 5_000
SUMMED: Final = """
    SELECT sum(amount) FROM finance_journalline
    WHERE account_id = %s AND effective_date <= %s AND booked_at <= %s AND NOT is_pending
"""
SUMMED_ALL: Final = (
    "SELECT account_id, sum(amount) FROM finance_journalline WHERE NOT is_pending GROUP BY account_id"
)


def measure(report: Report, book: int, keys: list[int]) -> None:
    """Fill the journal, fold it, and ask; the limit is the sum over the lines."""
    lines = min(LINES, report.most * 2)
    control, others = keys[0], keys[1:]
    step = timedelta(days=DAYS) / (lines // 2)
    began = world.AT - timedelta(days=DAYS + 1)
    with limit.connect() as bare:
        for first in range(1, lines // 2 + 1, PART):
            last = min(first + PART - 1, lines // 2)
            asked = {"book": book, "control": control, "others": others, "from": began, "step": step}
            bare.execute(FILL, {**asked, "first": first, "last": last})
    started = time.perf_counter()
    sealed = chain.seal_all(at=world.AT)
    report.rate("seal and fold", sealed, time.perf_counter() - started, unit="entries/s")
    with limit.connect() as bare:
        bare.execute("VACUUM ANALYZE finance_journalline")
        bare.execute("VACUUM ANALYZE finance_balancecheckpoint")
    by = system("benchmark")
    with limit.connect() as bare:
        for name, key, by_minute in (
            ("control account", control, True),
            ("a party's account", others[0], False),
        ):
            ours, sums = _ask(bare, by, key, by_minute)
            report.duration(
                f"balance at any two dates, {name}", lines, ours, limit_ms=sums, at_most_ms=10, statements=1
            )
        now = _milliseconds(lambda: balance.trial(by, effective=world.AT.date()))
        summed = _milliseconds(lambda: bare.execute(SUMMED_ALL).fetchall())
        report.duration("trial balance", lines, now, limit_ms=summed, at_most_ms=1_000, statements=1)
        known = world.AT - timedelta(days=90)
        past = _milliseconds(lambda: balance.trial(by, effective=known.date(), booked=known))
        report.duration("trial balance as known 90 days ago", lines, past, limit_ms=summed, statements=1)


def _ask(bare: psycopg.Connection, by: Actor, key: int, by_minute: bool) -> tuple[float, float]:
    """Return the median milliseconds of our answer and of a sum over lines, for random pairs of dates."""
    dice = random.Random(3)
    ours, sums = [], []
    for _ in range(ASKED):
        booked = world.AT - timedelta(seconds=dice.randrange(DAYS * 86_400))
        effective = booked.date() - timedelta(days=dice.randrange(20))
        ours.append(
            _milliseconds(
                lambda e=effective, b=booked: balance.of_account(
                    by, key, effective=e, booked=b, by_minute=by_minute
                ),
                1,
            )
        )
        sums.append(
            _milliseconds(lambda e=effective, b=booked: bare.execute(SUMMED, [key, e, b]).fetchone(), 1)
        )
    return median(ours), median(sums)


def _milliseconds(work: Callable[[], Any], times: int = 5) -> float:
    """Return the median of so many runs."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        found.append((time.perf_counter() - started) * 1e3)
    return median(found)
