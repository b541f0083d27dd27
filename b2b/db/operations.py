"""Migration operations for what the ORM cannot say: row security, append-only tables, monthly partitions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

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


def revoke(table: str, *rights: str) -> RunSQL:
    """Take rights of a table from the application's role: the first wall, before triggers that refuse everybody."""
    listed = ", ".join(rights)
    return RunSQL(
        f"""
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midstream_app') THEN
                REVOKE {listed} ON {table} FROM midstream_app;
            END IF;
        END $$
        """,
        RunSQL.noop,
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


def sql_file(path: Path) -> RunSQL:
    """Run a file of SQL; the way back drops the functions it creates, and with them the triggers that call them."""
    forward = path.read_text()
    made = re.findall(r"^CREATE (?:OR REPLACE )?FUNCTION (\w+)\s*\(", forward, re.MULTILINE)
    return RunSQL(forward, "; ".join(f"DROP FUNCTION IF EXISTS {name} CASCADE" for name in reversed(made)))


def named_by_statement(table: str, keys: Mapping[str, str], *, is_history: bool = False) -> RunSQL:
    """Look up what a statement's rows name once for all of them, in place of foreign keys row by row (ADR 6).

    `keys` is column -> parent. Rows that name no parent are refused, a parent that is named is neither deleted nor
    given another key, and rows keep what they name; those of a history are never changed anyway.
    """
    columns = ", ".join(keys)
    old, new = (", ".join(f"{row}.{key}" for key in keys) for row in ("OLD", "NEW"))
    parts = [
        _HAS_PARENTS.format(
            table=table, checks="".join(_CHECK.format(table=table, key=k, parent=p) for k, p in keys.items())
        )
    ]
    if not is_history:
        parts.append(
            f"CREATE TRIGGER keeps_its_parents AFTER UPDATE OF {columns} ON {table} FOR EACH ROW"
            f" WHEN (ROW({old}) IS DISTINCT FROM ROW({new})) EXECUTE FUNCTION midstream_refuse_change();"
        )
    parts += [_STAYS.format(table=table, key=key, parent=parent) for key, parent in keys.items()]
    undo = [f"DROP FUNCTION {table}_has_parents() CASCADE"]
    if not is_history:
        undo.append(f"DROP TRIGGER keeps_its_parents ON {table}")
    undo += [f"DROP FUNCTION {table}_names_{key}() CASCADE" for key in keys]
    return RunSQL("".join(parts), "; ".join(undo))


# A scalar subquery, so that no plan looks for anything but a key: the session keeps the plan while tables grow.
_CHECK = """
        IF EXISTS (
            SELECT FROM (SELECT DISTINCT {key} FROM added WHERE {key} IS NOT NULL) child
            WHERE (SELECT true FROM {parent} parent WHERE parent.id = child.{key}) IS NOT TRUE)
        THEN
            RAISE EXCEPTION 'a row of {table} names a row of {parent} that is not there'
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{table}_{key}';
        END IF;"""
_HAS_PARENTS = """
    CREATE FUNCTION {table}_has_parents() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
    BEGIN{checks}
        RETURN NULL;
    END $$;
    CREATE TRIGGER has_parents AFTER INSERT ON {table}
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION {table}_has_parents();
"""
# Whoever does not see all rows cannot tell whether one of them names the parent.
_STAYS = """
    CREATE FUNCTION {table}_names_{key}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT midstream_sees_all() OR EXISTS (SELECT FROM {table} WHERE {key} = OLD.id) THEN
            RAISE EXCEPTION 'a row of {table} names this row of {parent}'
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{table}_{key}';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER {table}_{key}_stays AFTER DELETE ON {parent}
        FOR EACH ROW EXECUTE FUNCTION {table}_names_{key}();
    CREATE TRIGGER {table}_{key}_keeps AFTER UPDATE OF id ON {parent}
        FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION {table}_names_{key}();
"""
