"""2. SQL past the service neither unbalances nor rewrites the journal, whoever runs it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, transaction

from b2b.core.actor import acting_as
from b2b.db.bulk import execute, fetch_value
from tests.factories.finance import NOON, PLATFORM
from tests.finance.ledger.book import DIRECT, accounts, as_owner, entry, insert_directly, limited, post

REWRITES = [
    f"{statement} {table}{rest}"
    for table, column in (("finance_journalline", "amount = 1"), ("finance_journalentry", "kind = 'x'"))
    for statement, rest in (("UPDATE", f" SET {column}"), ("DELETE FROM", ""), ("TRUNCATE", " CASCADE"))
]


@pytest.fixture
def keys(committed_db):
    with acting_as(PLATFORM):
        yield accounts()


def lines() -> int:
    return fetch_value("SELECT count(*) FROM finance_journalline")


@pytest.mark.parametrize(
    ("amounts", "count"), [([10, -9], 2), ([10], 1), ([10, -10], 3), ([10, -10], 1), ([], 2), ([], 0)]
)
def test_02_an_unbalanced_entry_is_refused_even_from_the_owner(keys, amounts, count):
    with pytest.raises(IntegrityError):
        insert_directly(keys, amounts, count=count)
    assert lines() == 0


def test_02_a_whole_entry_from_the_owner_is_taken_and_sealed(keys):
    key = insert_directly(keys, [10, -10])
    assert fetch_value("SELECT entry_ids FROM finance_unsealedposting") == [key]


def test_02_lines_of_two_currencies_do_not_balance_each_other(keys):
    dollars = limited(1, unit="USD")
    with pytest.raises(IntegrityError, match="does not balance"):
        insert_directly([keys[0], dollars], [10, -10])
    with pytest.raises(Exception, match="does not balance"):
        post(entry([keys[0], dollars]))


def test_02_no_line_joins_an_entry_that_is_whole(keys):
    one = entry(keys)
    post(one)
    for number in (2, 3):
        with pytest.raises(IntegrityError):
            as_owner(
                """INSERT INTO finance_journalline (entry_id, line_number, account_id, amount, dimension, booked_at,
                    effective_date, is_pending) VALUES (%s, %s, %s, 7, '', %s, %s, false)""",
                [one.id, number, keys[0], NOON, NOON.date()],
            )
    assert lines() == 2


def test_02_a_line_of_another_book_or_of_no_account_is_refused(keys):
    for stranger in (keys[1] + 1_000, 0):
        with pytest.raises(IntegrityError):
            insert_directly([keys[0], stranger], [10, -10])


@pytest.mark.parametrize("statement", REWRITES)
def test_02_the_application_rewrites_nothing_and_the_owner_neither(keys, statement):
    post(entry(keys))
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        execute(statement)
    with pytest.raises(DatabaseError, match="is refused"):
        as_owner(statement)
    assert lines() == 2


def test_02_the_application_posts_through_the_ledger_only(keys):
    given = {
        "id": entry(keys).id,
        "book": 1,
        "day": NOON.date(),
        "at": NOON,
        "count": 2,
        "accounts": keys,
        "amounts": [1, -1],
    }
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        execute(DIRECT, given)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE finance_account SET book_id = book_id + 1",
        "UPDATE finance_account SET unit = 'USD'",
        "DELETE FROM finance_account",
    ],
)
def test_02_an_account_stays_what_it_was_opened_as(keys, statement):
    with pytest.raises(DatabaseError):
        as_owner(statement)
