"""Post journal entries of two lines, one by one and in batches; beside bare INSERTs into the same tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import psycopg

from b2b.core.ids import uuid7
from b2b.db.transactions import unit_of_work
from benchmarks import limit, world
from benchmarks.report import Report
from finance.policies.chart import MAIN, RECEIVABLES, SUSPENSE
from finance.policies.entry import Entry, Line
from finance.services import chart, ledger
from finance.services.chart import Wanted

SINGLES = 300
BATCH = 100
BATCHED = (1_000, 10_000)
BARE = """
    WITH given AS (
        SELECT * FROM unnest(%(ids)s::uuid[], %(amounts)s::bigint[]) AS given(id, amount)),
    entries AS (
        INSERT INTO finance_journalentry (id, book_id, kind, is_pending, effective_date, booked_at, source_type,
            source_id, line_count, description, actor_name, body_hash)
        SELECT id, %(book)s, 'benchmark', false, %(day)s, %(at)s, 'benchmark', id::text, 2, '', 'bare', md5(id::text)
        FROM given RETURNING id)
    INSERT INTO finance_journalline (entry_id, line_number, account_id, amount, dimension, booked_at)
    SELECT id, number, CASE number WHEN 1 THEN %(debit)s ELSE %(credit)s END,
        CASE number WHEN 1 THEN amount ELSE -amount END, '', %(at)s
    FROM given CROSS JOIN generate_series(1, 2) number
"""
_numbers = count(1)


def run(report: Report) -> None:
    """Measure commits of one entry, then of a hundred."""
    made = world.build(products=1)
    wanted = [Wanted(RECEIVABLES, "CNY", made.dealers[0].pk), Wanted(SUSPENSE, "CNY")]
    with unit_of_work():
        keys = chart.accounts(wanted)
        book = chart.books()[MAIN]
    places = (book, keys[wanted[0]], keys[wanted[1]])
    _post([_entry(*places)])
    with limit.connect() as bare:
        for name, sizes, batch in (
            ("post entries, one a commit", report.sizes(SINGLES), 1),
            (f"post entries, {BATCH} a commit", report.sizes(*BATCHED), BATCH),
        ):
            for size in sizes:
                found = limit.middle(
                    1,
                    lambda entries, batch=batch: _in_batches(entries, batch),
                    lambda size=size: _entries(size, places),
                )
                direct = limit.middle(1, lambda _, size=size, batch=batch: _bare(bare, size, batch, places))
                report.rate(
                    name, size, found, unit="entries/s", limit_seconds=direct.seconds,
                    at_least_ratio=0.5 if batch == BATCH else None,
                )  # fmt: skip


def _entry(book: int, debit: int, credit: int) -> Entry:
    amount = 100 + next(_numbers)
    return Entry(
        id=uuid7(), book_id=book, kind="benchmark", effective_date=world.AT.date(), booked_at=world.AT,
        lines=(Line(debit, amount), Line(credit, -amount)), source_type="benchmark", source_id=str(amount),
    )  # fmt: skip


def _entries(size: int, places: tuple[int, int, int]) -> list[Entry]:
    return [_entry(*places) for _ in range(size)]


def _in_batches(entries: Sequence[Entry], batch: int) -> None:
    for start in range(0, len(entries), batch):
        _post(entries[start : start + batch])


@unit_of_work()
def _post(entries: Sequence[Entry]) -> None:
    ledger.post(entries, by=world.BY)


def _bare(bare: psycopg.Connection, size: int, batch: int, places: tuple[int, int, int]) -> None:
    book, debit, credit = places
    for start in range(0, size, batch):
        numbers = range(start, min(start + batch, size))
        bare.execute(
            BARE,
            {
                "ids": [uuid7() for _ in numbers], "amounts": [100 + n for n in numbers], "book": book,
                "debit": debit, "credit": credit, "day": world.AT.date(), "at": world.AT,
            },
        )  # fmt: skip
