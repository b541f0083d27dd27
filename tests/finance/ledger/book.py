"""A book to post to: accounts with and without limits, entries over them, and ways around the service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any
from uuid import UUID

from django.db import connection, connections

from b2b.core.actor import OPERATOR, Actor, acting_as
from b2b.core.ids import uuid7
from b2b.db.transactions import unit_of_work
from finance.models import Account, AccountBalance
from finance.policies.chart import RECEIVABLES, REVENUE, SUSPENSE
from finance.policies.entry import Entry, Line
from finance.services import chart, ledger
from finance.services.chart import Wanted
from tests.factories.finance import NOON, PLATFORM, operator

ANNA = Actor(kind=OPERATOR, user_id=1, name="anna")
BEN = Actor(kind=OPERATOR, user_id=2, name="ben")
DIRECT = """
    WITH head AS (
        INSERT INTO finance_journalentry (id, book_id, kind, is_pending, effective_date, booked_at, line_count,
            source_type, source_id, description, actor_name, body_hash)
        VALUES (%(id)s, %(book)s, 'direct', false, %(day)s, %(at)s, %(count)s, '', '', '', '', '') RETURNING id)
    INSERT INTO finance_journalline (entry_id, line_number, account_id, amount, dimension, booked_at, effective_date,
        is_pending)
    SELECT head.id, number, account, amount, '', %(at)s, %(day)s, false
    FROM head CROSS JOIN unnest(%(accounts)s::bigint[], %(amounts)s::bigint[])
        WITH ORDINALITY line(account, amount, number)
"""


def accounts(*codes: str) -> list[int]:
    """Open accounts of the main book and return their keys; receivables and revenue when none are named."""
    operator()
    with acting_as(PLATFORM), unit_of_work():
        return list(
            chart.accounts([Wanted(code, "CNY") for code in codes or (RECEIVABLES, REVENUE)]).values()
        )


def limited(number: int, *, ceiling: int | None = None, floor: int | None = None, unit: str = "CNY") -> int:
    """Open an account with limits in the main book and return its key."""
    with acting_as(PLATFORM), unit_of_work():
        made = Account.objects.create(
            book_id=chart.books()["MAIN"], code=f"L{number}", name="limited", type="ASSET", normal_side="DEBIT",
            unit=unit, is_limited=True, ceiling=ceiling, floor=floor,
        )  # fmt: skip
        AccountBalance.objects.create(account=made)
    return made.pk


def entry(keys: list[int], amount: int = 100, **values: Any) -> Entry:
    """Return an entry that moves `amount` from the second account to the first."""
    common: dict[str, Any] = {
        "id": uuid7(), "book_id": values.pop("book_id", None) or chart.books()["MAIN"], "kind": "test",
        "effective_date": NOON.date(), "booked_at": NOON,
        "lines": (Line(keys[0], amount), Line(keys[1], -amount)),
    }  # fmt: skip
    return Entry(**{**common, **values})


def post(*entries: Entry) -> dict[UUID, bool]:
    """Post in a unit of work of its own."""
    with acting_as(PLATFORM), unit_of_work():
        return ledger.post(entries, by=PLATFORM)


def insert_directly(keys: list[int], amounts: list[int], **values: Any) -> UUID:
    """Write an entry and its lines past the service, as the owner of the schema, and commit."""
    given = {
        "id": uuid7(), "book": chart.books()["MAIN"], "day": NOON.date(), "at": NOON, "count": len(amounts),
        "accounts": [keys[place % len(keys)] for place in range(len(amounts))], "amounts": amounts, **values,
    }  # fmt: skip
    as_owner(DIRECT, given)
    return given["id"]


def as_owner(statement: str, params: Any = None) -> None:
    """Run a statement as the role that owns the tables."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, params)


@contextmanager
def without_guards(table: str) -> Iterator[None]:
    """Let the owner change history, as somebody with the server in his hands could."""
    as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        yield
    finally:
        as_owner(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def at_once(work: Callable[[int], Any], times: int, threads: int = 16) -> list[Any]:
    """Do the work so many times from real threads that begin together, each on a connection of its own."""
    gate = Barrier(min(times, threads))

    def loop(first: int) -> list[Any]:
        try:
            with acting_as(PLATFORM):
                gate.wait(60)
                return [work(number) for number in range(first, times, threads)]
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return [one for part in pool.map(loop, range(min(times, threads))) for one in part]


__all__ = [
    "ANNA",
    "BEN",
    "SUSPENSE",
    "accounts",
    "as_owner",
    "at_once",
    "entry",
    "insert_directly",
    "limited",
    "post",
]
