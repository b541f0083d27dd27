"""Migration operations for what the ORM cannot say: row security, append-only tables, monthly partitions."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.migrations.operations import RunSQL

# The InitPlan form `(SELECT f())` is evaluated once a query, not once a row.
SEES_ALL = "(SELECT midstream_sees_all())"
OWN = "(SELECT midstream_organization())"


def row_security(
    table: str,
    *,
    columns: Sequence[str] = (),
    using: str = "",
    anyone_inserts: bool = False,
) -> RunSQL:
    """Let a party see and write only rows where one of `columns` is its organisation; operators and the platform all.

    `using` adds a condition of its own (SQL). With `anyone_inserts` every actor may add rows it may not read again.
    FORCE makes the policy hold for the owner too; without an actor no row is visible.
    """
    own = " OR ".join([SEES_ALL, *(f"{column} = {OWN}" for column in columns), *([using] if using else [])])
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {table} USING ({own})",
    ]
    undo = [f"DROP POLICY tenant ON {table}"]
    if anyone_inserts:
        statements.append(f"CREATE POLICY anyone_inserts ON {table} FOR INSERT WITH CHECK (true)")
        undo.append(f"DROP POLICY anyone_inserts ON {table}")
    undo += [
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    ]
    return RunSQL("; ".join(statements), "; ".join(undo))


def append_only(table: str) -> RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE of a table in the database, whoever asks; partitions inherit it."""
    return RunSQL(
        f"""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION midstream_refuse_change();
        CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION midstream_refuse_change()
        """,
        f"""
        DROP TRIGGER append_only ON {table};
        DROP TRIGGER append_only_truncate ON {table}
        """,
    )


def partition_by_month(table: str, column: str) -> RunSQL:
    """Rebuild a freshly created, empty table as one partitioned by month of `column` (a NOT NULL timestamptz).

    The primary key becomes (id, column) in the database; Django keeps knowing `id` alone. A default partition takes
    what no month has yet; `manage.py partitions` creates months ahead. Run it right after CreateModel, before
    row_security and append_only. Indexes and checks of the model are kept, unique ones must contain `column`.
    """
    return RunSQL(f"SELECT midstream_partition_by_month('{table}', '{column}')", RunSQL.noop)


def sql(forward: str, backward: str | None = None) -> RunSQL:
    """Run SQL of an app's own: functions, triggers, indexes with conditions the ORM cannot express."""
    return RunSQL(forward, backward if backward is not None else RunSQL.noop)
