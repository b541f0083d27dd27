"""Set-based statements: COPY into a staging table, then one INSERT ... SELECT; or arrays through unnest.

PostgreSQL refuses COPY into a table with row-level security, so rows are always staged in a temporary table first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from itertools import count, islice
from types import NoneType
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from psycopg import sql

from b2b.db.backend.base import STAMPED
from b2b.db.transactions import require_transaction

_serial = count(1)


def execute(statement: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> int:
    """Run one statement and return the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def execute_bound(statement: str, params: Mapping[str, Any]) -> int:
    """Run one statement whose values travel beside it, and return the number of rows it touched.

    Everywhere else they are written into its text, which is quicker for few short values; megabytes would be quoted,
    scanned and unquoted again.
    """
    with _binding() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def fetch_value_bound(statement: str, params: Mapping[str, Any]) -> Any:
    """Run one statement as `execute_bound` does and return the first column of its first row, or None."""
    with _binding() as cursor:
        cursor.execute(statement, params)
        row = cursor.fetchone()
        return row[0] if row else None


def fetch_value_prepared(statement: str, params: Mapping[str, Any]) -> Any:
    """Run one statement that a session runs often and return the first column of its first row, or None.

    It is parsed and planned once a session; where sessions are shared by statement (DATABASE_PROXY) each time.
    """
    with _binding(_PreparingCursor) as cursor:
        cursor.execute(statement, params)
        row = cursor.fetchone()
        return row[0] if row else None


def fetch_value_alone(expression: str, params: Mapping[str, Any]) -> Any:
    """Return the value of one expression, a call that may write, as `fetch_value_prepared` does.

    Outside a transaction the statement is one of its own, with the actor in it: one round trip where a unit of work
    needs four.
    """
    backend: Any = connection
    if backend.in_atomic_block or not backend.get_autocommit():
        return fetch_value_prepared(f"SELECT {expression}", params)
    with backend.stamped_by_itself() as (scope, organization, clock):
        stamp = {"stamped_scope": scope, "stamped_organization": organization, "stamped_clock": clock}
        return fetch_value_prepared(STAMPED.format(expression), {**params, **stamp})


class _PreparingCursor(ServerBindingCursor):
    def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
        return super().execute(query, params, prepare=True)


def _binding(kind: type[ServerBindingCursor] = ServerBindingCursor) -> Any:
    backend: Any = connection
    backend.ensure_connection()
    return backend._prepare_cursor(kind(backend.connection))  # type: ignore[call-arg]


def fetch(statement: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows as tuples."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        # Where there are rows one stands before the first; `description` would describe each column.
        return [] if cursor.rownumber is None else cursor.fetchall()


def fetch_dicts(
    statement: str, params: Sequence[Any] | Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Run one statement and return its rows as dictionaries keyed by column name."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        if not cursor.description:
            return []
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def fetch_value(statement: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> Any:
    """Run one statement and return the first column of its first row, or None."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        row = cursor.fetchone()
        return row[0] if row else None


@contextmanager
def staged(
    columns: Mapping[str, str],
    rows: Iterable[Sequence[Any] | str],
    *,
    name: str = "staged",
    analyzed: bool = True,
) -> Iterator[str]:
    """COPY `rows` into a temporary table with the given columns (name -> SQL type) and yield the table's name.

    Rows are streamed, so memory stays flat. A row of numbers may come as the line that COPY reads (tabs between values,
    a line break in the end), which is three times as fast. The table is dropped when the block ends, at the latest with
    the transaction. Four statements, whatever the number of rows; one less without `analyzed`, for a table that is
    only read from end to end.

    :raises NoTransaction: outside a unit of work.
    """
    require_transaction()
    table = f"{name}_{next(_serial)}"
    body = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in columns.items()
    )
    create = sql.SQL("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP").format(sql.Identifier(table), body)
    target = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor:
        cursor.execute(create)
        with cursor.copy(target) as copy:
            stream = iter(rows)
            while part := list(islice(stream, 512)):
                if isinstance(part[0], str):
                    copy.write("".join(map(str, part)))
                    continue
                for row in part:
                    copy.write_row(row)
        if analyzed:
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
    yield table
    # Not in a finally: after an error the transaction is lost and the table with it.
    execute(f'DROP TABLE "{table}"')


def temporary(query: str, params: Mapping[str, Any] | None = None, *, name: str = "temporary") -> str:
    """Keep the rows of a query in a temporary table until the transaction ends and return the table's name.

    The query may lock rows. The planner knows the table's size and nothing of its values.

    :raises NoTransaction: outside a unit of work.
    """
    require_transaction()
    table = f"{name}_{next(_serial)}"
    execute(f'CREATE TEMPORARY TABLE "{table}" ON COMMIT DROP AS {query}', params)
    return table


def unnest(columns: Mapping[str, str], alias: str = "given") -> str:
    """Return `unnest(%(a)s::int[], ...) AS alias(a, ...)` for a FROM clause; pass lists under the column names."""
    arrays = ", ".join(f"%({name})s::{kind}[]" for name, kind in columns.items())
    return f"unnest({arrays}) AS {alias}({', '.join(columns)})"


def transpose(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[str, str]:
    """Turn rows into one array literal per column, as `unnest` takes them; empty input gives empty arrays.

    The literal is written here and not by the driver, whose dumper of lists takes four times as long for many short
    values and forty times for a few long ones.
    """
    columns: Iterable[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(names)
    return {name: literal(column) for name, column in zip(names, columns, strict=True)}


def literal(values: Collection[Any]) -> str:
    """Write an array literal (PostgreSQL manual, 8.15.6)."""
    kinds = set(map(type, values))
    if kinds <= _BARE:
        return "{" + ",".join(map(str, values)) + "}"
    if kinds <= _BARE_OR_NULL:
        return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"
    if kinds == _TEXT:
        body = '","'.join(values)
        if "\\" not in body and body.count('"') == 2 * len(values) - 2:
            return '{"' + body + '"}'
    if kinds <= _REPEATED:
        written = {value: _element(value) for value in set(values)}
        return "{" + ",".join([written[value] for value in values]) + "}"
    return "{" + ",".join([_element(value) for value in values]) + "}"


# Types whose text holds nothing that an array literal would quote.
_BARE: Final = frozenset({int, Decimal, UUID})
_BARE_OR_NULL: Final = _BARE | {NoneType}
_TEXT: Final = {str}
# Types of which a column holds few different values.
_REPEATED: Final = frozenset({bool, date, datetime, NoneType})


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f'"{value}"'
