"""Sets, not loops: the number of statements does not depend on the number of rows."""

import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from b2b.core.ids import uuid7
from b2b.db.bulk import fetch, fetch_dicts, fetch_value, staged, temporary, transpose, unnest
from b2b.db.sequences import number, take, take_counts, take_each
from b2b.db.transactions import unit_of_work

pytestmark = pytest.mark.django_db

COLUMNS = {"id": "bigint", "name": "text"}


def stage(rows: int) -> int:
    with unit_of_work(), staged(COLUMNS, ((key, f"name\t{key}\n") for key in range(rows))) as table:
        return int(fetch_value(f"SELECT count(*) FROM {table} WHERE name = E'name\\t' || id || E'\\n'"))


@pytest.mark.parametrize("rows", [0, 1, 10_000])
def test_staging_takes_the_same_statements_for_any_number_of_rows(rows: int) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert stage(rows) == rows
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 5, (
        "create, copy, analyze, read, drop"
    )


def test_staging_streams() -> None:
    tracemalloc.start()
    stage(100_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000, "rows are written as they come, not gathered"


def test_unnest_turns_lists_into_rows() -> None:
    params = transpose(list(COLUMNS), [(1, "a"), (2, None)])
    assert fetch(f"SELECT id, name FROM {unnest(COLUMNS)} ORDER BY id", params) == [(1, "a"), (2, None)]
    assert fetch_dicts(f"SELECT id FROM {unnest(COLUMNS)}", transpose(list(COLUMNS), [])) == []


@given(
    st.lists(
        st.tuples(
            st.integers(-(2**63), 2**63 - 1),
            st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        )
    )
)
def test_any_text_comes_through_unnest_as_it_went(rows: list[tuple[int, str]]) -> None:
    shown = fetch(f"SELECT id, name FROM {unnest(COLUMNS)}", transpose(list(COLUMNS), rows))
    assert shown == rows


def test_values_of_every_kind_come_through() -> None:
    kinds = {
        "bigint": 2**62,
        "numeric": Decimal("-0.000001"),
        "uuid": uuid7(),
        "boolean": False,
        "date": date(2024, 2, 29),
        "timestamptz": datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC),
        "text": None,
    }
    columns = {f"a_{kind}": kind for kind in kinds}
    assert fetch(f"SELECT * FROM {unnest(columns)}", transpose(list(columns), [list(kinds.values())])) == [
        tuple(kinds.values())
    ]


def test_numbers_have_no_gaps_and_come_back_after_a_rollback() -> None:
    with unit_of_work():
        assert list(take("invoice", 7, 3)) == [1, 2, 3]
    savepoint = transaction.savepoint()
    assert list(take("invoice", 7)) == [4]
    transaction.savepoint_rollback(savepoint)
    with unit_of_work():
        assert list(take("invoice", 7)) == [4]
        assert list(take("invoice", 8)) == [1], "every issuer counts for itself"
    assert number("INV", "ACME", 4) == "INV-ACME-000004"


def test_each_issuer_has_a_series_of_its_own() -> None:
    with unit_of_work():
        assert take_each("test", [7, 9, 7]) == {7: 1, 9: 1}
        assert take_each("test", [9]) == {9: 2}
        assert take("test", 9).start == 3
        assert take_each("test", []) == {}


def test_many_numbers_of_many_issuers_are_one_statement() -> None:
    with unit_of_work():
        assert take_counts("invoice:1", {7: 2, 8: 1}) == {7: range(1, 3), 8: range(1, 2)}
        assert take_counts("invoice:1", {8: 3}) == {8: range(2, 5)}
        assert take_counts("invoice:2", {8: 1}) == {8: range(1, 2)}
        with pytest.raises(ValueError, match="at least one"):
            take_counts("invoice:1", {8: 0})


def test_a_temporary_table_holds_the_rows_of_a_query() -> None:
    with unit_of_work():
        first, second = (
            temporary("SELECT n FROM generate_series(1, %(most)s) n", {"most": most}) for most in (3, 5)
        )
        assert [fetch_value(f"SELECT sum(n) FROM {table}") for table in (first, second)] == [6, 15]
