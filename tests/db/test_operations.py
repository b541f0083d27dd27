"""What a file of SQL creates is dropped on the way back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connections

from b2b.db import operations

FILES = sorted(Path(__file__).parents[2].glob("*/migrations/*.sql"))


@pytest.mark.parametrize("path", FILES, ids=[f"{path.parts[-3]}/{path.name}" for path in FILES])
def test_the_way_back_drops_every_function_the_last_one_first(path):
    way = operations.sql_file(path)
    made = re.findall(r"CREATE FUNCTION (\w+)", path.read_text())
    assert made
    assert re.findall(r"EXISTS (\w+)", way.reverse_sql) == made[::-1]


def test_a_function_goes_with_the_triggers_that_call_it_and_can_come_again(committed_db, tmp_path):
    file = tmp_path / "some.sql"
    file.write_text("""
CREATE FUNCTION probe_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER probe BEFORE INSERT ON finance_book FOR EACH ROW EXECUTE FUNCTION probe_refuse();
""")
    way = operations.sql_file(file)
    with connections["owner"].cursor() as cursor:
        cursor.execute("BEGIN")
        for _ in range(2):
            cursor.execute(way.sql)
            cursor.execute(way.reverse_sql)
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = 'probe'")
        assert cursor.fetchone() == (0,)
        cursor.execute("ROLLBACK")
