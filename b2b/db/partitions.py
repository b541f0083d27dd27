"""Months ahead, months behind: keeps range-partitioned tables supplied, as the owner of the schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connections, transaction
from psycopg import sql

from b2b.core import clock
from b2b.core.errors import DomainError
from b2b.db.backend.base import OWNER_ALIAS

# table -> SQL that says whether rows before %(before)s are still needed; kept by whoever owns the table.
GUARDS: dict[str, str] = {}


class StillNeeded(DomainError):
    """Rows of this month are still being worked on."""

    code = "partition_still_needed"


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A table partitioned by month of one column."""

    table: str
    column: str

    @property
    def default(self) -> str:
        """Name of the partition that takes what no month has."""
        return f"{self.table}_default"

    def child(self, month: date) -> str:
        """Name of a month's partition."""
        return f"{self.table}_{month:%Y%m}"


def _run(statement: Any, params: Any = None) -> list[tuple[Any, ...]]:
    with connections[OWNER_ALIAS].cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


def _sql(text: str, **names: str) -> sql.Composed:
    return sql.SQL(text).format(**{name: sql.Identifier(value) for name, value in names.items()})  # type: ignore[arg-type]


def add_months(month: date, count: int) -> date:
    """Return the first day of the month so many months later, or earlier."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def tables() -> list[Partitioned]:
    """List the tables partitioned by month."""
    rows = _run(
        """
        SELECT class.relname, attribute.attname FROM pg_partitioned_table partitioned
        JOIN pg_class class ON class.oid = partitioned.partrelid AND class.relnamespace = current_schema()::regnamespace
        JOIN pg_attribute attribute ON attribute.attrelid = class.oid AND attribute.attnum = partitioned.partattrs[0]
        WHERE partitioned.partstrat = 'r' AND partitioned.partnatts = 1
        AND attribute.atttypid = 'timestamptz'::regtype ORDER BY 1
        """
    )
    return [Partitioned(*row) for row in rows]


def prepare(table: Partitioned, *, ahead: int) -> list[str]:
    """Create this month's partition and `ahead` more, move out what the default one collected; return the new names."""
    this_month = clock.now().date().replace(day=1)
    wanted = {add_months(this_month, count) for count in range(ahead + 1)}
    with transaction.atomic(using=OWNER_ALIAS):
        strays = {month for (month,) in _run(_sql(
            "SELECT DISTINCT date_trunc('month', {column} AT TIME ZONE 'UTC')::date FROM {default}",
            column=table.column, default=table.default,
        ))}  # fmt: skip
        created = [
            table.child(month)
            for month in sorted(wanted - strays)
            if _run("SELECT midstream_add_partition(%s, %s)", [table.table, month])[0][0]
        ]
        return created + (_move_out(table, sorted(strays)) if strays else [])


def _move_out(table: Partitioned, months: list[date]) -> list[str]:
    """Give months their own partition with the rows the default one holds of them.

    While detached the default partition has no triggers, so that append-only rows can move; nothing is inserted
    through the parent, so that no trigger sees them twice. Readers wait for the end of the transaction.
    """
    _run(_sql("ALTER TABLE {table} DETACH PARTITION {default}", table=table.table, default=table.default))
    columns = sql.SQL(", ").join(
        sql.Identifier(name)
        for (name,) in _run(
            """
            SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
            AND attgenerated = '' ORDER BY attnum
            """,
            [table.table],
        )
    )
    for month in months:
        names = {
            "table": table.table,
            "child": table.child(month),
            "default": table.default,
            "column": table.column,
        }
        bounds = [datetime(first.year, first.month, 1, tzinfo=UTC) for first in (month, add_months(month, 1))]
        span = sql.SQL("FROM ({}) TO ({})").format(*map(sql.Literal, bounds))
        _run(
            _sql(
                "CREATE TABLE {child} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED)",
                **names,
            )
        )
        where = sql.SQL("{} >= {} AND {} < {}").format(
            sql.Identifier(table.column), bounds[0], sql.Identifier(table.column), bounds[1]
        )
        _run(sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} WHERE {}").format(
            sql.Identifier(names["child"]), columns, columns, sql.Identifier(table.default), where
        ))  # fmt: skip
        _run(sql.SQL("DELETE FROM {} WHERE {}").format(sql.Identifier(table.default), where))
        _run(
            sql.SQL("{} FOR VALUES {}").format(
                _sql("ALTER TABLE {table} ATTACH PARTITION {child}", **names), span
            )
        )
        _run("SELECT midstream_close_partition(%s)", [names["child"]])
    _run(
        _sql(
            "ALTER TABLE {table} ATTACH PARTITION {default} DEFAULT", table=table.table, default=table.default
        )
    )
    return [table.child(month) for month in months]


def detach_older(table: Partitioned, *, months: int) -> list[str]:
    """Detach the partitions that ended `months` months ago or earlier; their tables stay, closed to the application.

    :raises StillNeeded: when the table's guard says that rows of such a month are needed.
    """
    first_kept = add_months(clock.now().date().replace(day=1), -months)
    limit = table.child(first_kept)
    with transaction.atomic(using=OWNER_ALIAS):
        children = [name for (name,) in _run(
            r"""
            SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
            WHERE inhparent = %s::regclass AND child.relname ~ '_\d{6}$' AND child.relname < %s ORDER BY 1
            """,
            [table.table, limit],
        )]  # fmt: skip
        guard = GUARDS.get(table.table)
        if children and guard and _run(guard, {"before": first_kept})[0][0]:
            raise StillNeeded(f"{table.table} has rows before {first_kept} that are still needed")
        for child in children:
            _run(_sql("ALTER TABLE {table} DETACH PARTITION {child}", table=table.table, child=child))
    return children


def drop_older(table: Partitioned, *, days: int) -> list[str]:
    """Drop the partitions whose last day is more than `days` days ago, with all that is in them; return their names.

    What the default partition holds is moved out into months first, so that nothing escapes.
    """
    limit = (clock.now() - timedelta(days=days)).date().replace(day=1)
    prepare(table, ahead=0)
    with transaction.atomic(using=OWNER_ALIAS):
        old = [name for (name,) in _run(
            r"""
            SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
            WHERE inhparent = %s::regclass AND child.relname ~ '_\d{6}$' AND child.relname < %s ORDER BY 1
            """,
            [table.table, table.child(limit)],
        )]  # fmt: skip
        for child in old:
            _run(_sql("ALTER TABLE {table} DETACH PARTITION {child}", table=table.table, child=child))
            _run(_sql("DROP TABLE {child}", child=child))
    return old
