"""No index of warehousing does what another one does already: each costs every row that is written."""

import pytest
from django.db import connection

# An index is needless beside another of its table that begins with the same columns and has the same condition, or
# that leaves out only the rows where the one column is null: nobody looks for a key by its absence.
NEEDLESS = """
WITH known AS (
    SELECT index.indrelid, index.indexrelid::regclass::text AS name, index.indisunique, index.indnkeyatts AS size,
        index.indkey::int2[] AS columns, index.indclass::oid[] AS classes,
        pg_get_expr(index.indpred, index.indrelid) AS condition, format('(%%I IS NOT NULL)', first.attname) AS is_set
    FROM pg_index index JOIN pg_class owner ON owner.oid = index.indrelid
    JOIN pg_attribute first ON first.attrelid = index.indrelid AND first.attnum = index.indkey[0]
    WHERE starts_with(owner.relname, 'warehousing_') AND NOT owner.relispartition AND index.indexprs IS NULL
)
SELECT one.name || ' beside ' || other.name
FROM known one JOIN known other ON other.indrelid = one.indrelid AND other.name <> one.name
WHERE NOT one.indisunique
    AND one.columns[0:one.size - 1] = other.columns[0:one.size - 1]
    AND one.classes[0:one.size - 1] = other.classes[0:one.size - 1]
    AND (other.condition IS NOT DISTINCT FROM one.condition OR one.size = 1 AND other.condition = one.is_set)
ORDER BY 1
"""
# The plain and the pattern index that Django makes for a many-to-many key of its own.
MADE_BY_DJANGO = "warehousing_recall_lots_recall_id"


@pytest.mark.django_db
def test_no_index_repeats_another() -> None:
    with connection.cursor() as cursor:
        cursor.execute(NEEDLESS, [])
        found = [name for (name,) in cursor.fetchall() if not name.startswith(MADE_BY_DJANGO)]
    assert found == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "columns"), [("quant", {"reserved", "on_hand"}), ("promisebook", {"promised"})]
)
def test_what_changes_with_every_line_is_in_no_index(table: str, columns: set[str]) -> None:
    """Otherwise every change would write into every index of the table (PostgreSQL manual, 66.7: heap-only tuples)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s",
            [f"warehousing_{table}"],
        )
        told = [definition for (definition,) in cursor.fetchall()]
    assert told
    assert not [one for one in told for column in columns if column in one.split(" USING ")[1]]
