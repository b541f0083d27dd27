"""What the machine allows: the same durable work as bare SQL or COPY, without services and row security.

PostgreSQL refuses COPY into tables with row security, so the limit is taken as the administrator, whom it does not
bind: the limit is faster for that, never slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from statistics import median_low
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql

from b2b.embedded.postgres import ADMINISTRATOR
from benchmarks.report import Measured, measuring


def connect(role: str = "") -> psycopg.Connection:
    """Open a connection to the database of the benchmark, an administrator's or a role's; every statement commits."""
    place = connections.settings["default"]
    # A connection that takes on a role belongs to an administrator already.
    user = place["USER"] if "options" in place["OPTIONS"] else role or ADMINISTRATOR
    return psycopg.connect(
        host=place["HOST"] or None,
        port=place["PORT"] or None,
        user=user,
        password=place["PASSWORD"] or None,
        dbname=place["NAME"],
        autocommit=True,
    )


@contextmanager
def trusted(bare: psycopg.Connection) -> Iterator[None]:
    """Write a world whose rows are right by the way they are made: no foreign key and no trigger is asked."""
    bare.execute("SET session_replication_role = replica")
    try:
        yield
    finally:
        bare.execute("RESET session_replication_role")


def columns(bare: psycopg.Connection, table: str) -> list[str]:
    """Return the columns one may write, in order; identity keys and generated columns are left out."""
    rows = bare.execute(
        """
        SELECT column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = %s AND is_identity = 'NO' AND is_generated = 'NEVER'
        ORDER BY ordinal_position
        """,
        [table],
    )
    return [name for (name,) in rows]


def _selected(names: list[str], overrides: Mapping[str, str]) -> str:
    return ", ".join(overrides.get(name, f"model.{name}") for name in names)


def clone(bare: psycopg.Connection, table: str, *, where: str, count: int, **overrides: str) -> int:
    """Write `count` copies of the row at `where`; overrides are SQL, in which `n` counts from 1."""
    names = columns(bare, table)
    return bare.execute(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {_selected(names, overrides)}"
        f" FROM {table} model, generate_series(1, {count}) n WHERE {where} ORDER BY n"
    ).rowcount


def unload(bare: psycopg.Connection, table: str, *, where: str, **overrides: str) -> bytes:
    """Return the rows at `where` as COPY takes them, with other values in some columns (SQL)."""
    names = columns(bare, table)
    query = f"COPY (SELECT {_selected(names, overrides)} FROM {table} model WHERE {where}) TO STDOUT"
    with bare.cursor() as cursor, cursor.copy(query) as copy:
        return b"".join(bytes(part) for part in copy)


def twin(bare: psycopg.Connection, table: str) -> str:
    """Make an empty table of the same columns, checks, keys and indexes, without triggers, and return its name."""
    name = f"bare_{table}"
    bare.execute(f"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
    return name


def load_by_insert(bare: psycopg.Connection, table: str, rows: bytes) -> None:
    """COPY unloaded rows into a temporary table and INSERT ... SELECT them, one commit.

    That is the way that row security leaves open; the table's own triggers ask what they ask.
    """
    names = columns(bare, table)
    listed = ", ".join(names)
    with bare.transaction():
        bare.execute(f"CREATE TEMPORARY TABLE staged ON COMMIT DROP AS SELECT {listed} FROM {table} LIMIT 0")
        load(bare, "staged", rows, names)
        bare.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM staged")


def load(bare: psycopg.Connection, table: str, rows: bytes, names: list[str] | None = None) -> None:
    """COPY unloaded rows into the table, one commit."""
    target = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names or columns(bare, table)))
    )
    with bare.cursor() as cursor, cursor.copy(target) as copy:
        for start in range(0, len(rows), 1 << 20):
            copy.write(rows[start : start + (1 << 20)])


def middle(times: int, work: Callable[[Any], Any], prepare: Callable[[], Any] = lambda: None) -> Measured:
    """Measure `work(prepare())` so many times and return the middle one; preparing is not measured."""
    found = []
    for _ in range(times):
        given = prepare()
        with measuring() as measured:
            work(given)
        found.append(measured)
    seconds = median_low(one.seconds for one in found)
    return next(one for one in found if one.seconds == seconds)


def repeats(size: int) -> int:
    """Return how often a size is measured: small ones are noisy, large ones slow."""
    return 3 if size <= 10_000 else 1
