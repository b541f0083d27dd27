"""The one place that says FOR UPDATE: rows in key order, with a time limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import OperationalError, connection
from django.db.models import Model, QuerySet

from b2b.core.errors import NotFound
from b2b.db.transactions import Busy, require_transaction

M = TypeVar("M", bound=Model)

LOCK_TIMEOUT_MS = 5_000
# Rows are filtered before they are locked: what is set while filtering holds when the first lock is waited for.
TIMED = "set_config('lock_timeout', %s, true) IS NOT NULL"


def lock(rows: QuerySet[M], *, timeout_ms: int = LOCK_TIMEOUT_MS) -> list[M]:
    """Lock the rows in primary-key order and return them as they now are.

    FOR NO KEY UPDATE: other transactions may still point foreign keys at the rows.

    :raises NoTransaction: outside a unit of work. :raises Busy: when a row was not free within `timeout_ms`.
    """
    require_transaction()
    timed = rows.extra(where=[TIMED], params=[f"{timeout_ms}ms"])  # noqa: S610 - a text of ours
    with _free_in_time():
        return list(timed.order_by("pk").select_for_update(of=("self",), no_key=True))


def lock_by(
    statement: str, params: Mapping[str, Any], *, timeout_ms: int = LOCK_TIMEOUT_MS
) -> list[tuple[Any, ...]]:
    """Lock what a statement of the caller's own locks and return its rows; it says ORDER BY key, and FOR NO KEY UPDATE
    or FOR SHARE.

    :raises NoTransaction: outside a unit of work. :raises Busy: when a row was not free within `timeout_ms`.
    """
    require_transaction()
    with _free_in_time(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{timeout_ms}ms"])
        cursor.execute(statement, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


@contextmanager
def _free_in_time() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == "55P03":
            raise Busy from error
        raise


def lock_one(rows: QuerySet[M], *, timeout_ms: int = LOCK_TIMEOUT_MS) -> M:
    """Lock the one row and return it.

    :raises NotFound: when there is none. :raises Busy: when it was not free in time.
    """
    found = lock(rows, timeout_ms=timeout_ms)
    if len(found) != 1:
        raise NotFound(f"there is no such {rows.model._meta.verbose_name}")
    return found[0]


def advisory_lock(*names: str) -> None:
    """Hold named locks until the transaction ends; two jobs of one name run one after the other. One statement."""
    require_transaction()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(name, 0))"
            " FROM (SELECT name FROM unnest(%s::text[]) AS given(name) ORDER BY name) ordered",
            [sorted(names)],
        )


def try_advisory_lock(name: str) -> bool:
    """Take a named lock until the transaction ends, or say at once that somebody has it."""
    require_transaction()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])
