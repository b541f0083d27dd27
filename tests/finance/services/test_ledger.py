"""Entries balance, are posted once, and are never rewritten; the database refuses what code would have to promise."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from b2b.core.actor import acting_as
from b2b.core.ids import uuid7
from b2b.db.bulk import execute, fetch_value
from b2b.db.transactions import unit_of_work
from finance.models import AccountBalance, JournalEntry, JournalLine
from finance.policies.chart import ADVANCES, EXPOSURE, EXPOSURE_CONTRA, RECEIVABLES, REVENUE
from finance.policies.entry import Entry, Line
from finance.services import chart, ledger
from finance.services.chart import Wanted
from tests.factories.directory import organization
from tests.factories.finance import NOON, PLATFORM, dealer_with_credit, operator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_platform(db):
    with acting_as(PLATFORM):
        yield


@pytest.fixture
def accounts():
    operator()
    with unit_of_work():
        return list(chart.accounts([Wanted(RECEIVABLES, "CNY"), Wanted(REVENUE, "CNY")]).values())


def entry(accounts: list[int], amount: int = 100, **values: object) -> Entry:
    common: dict[str, object] = {
        "id": uuid7(),
        "book_id": chart.books()["MAIN"],
        "kind": "test",
        "effective_date": NOON.date(),
        "booked_at": NOON,
        "lines": (Line(accounts[0], amount), Line(accounts[1], -amount)),
    }
    return Entry(**{**common, **values})


def post(*entries: Entry):
    with unit_of_work():
        return ledger.post(entries, by=PLATFORM)


def check_now() -> None:
    """Do what a commit would do."""
    execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def test_a_batch_is_posted_in_one_statement_whatever_its_size(accounts, django_assert_num_queries):
    few, many = [entry(accounts) for _ in range(2)], [entry(accounts) for _ in range(50)]
    for batch in (few, many):
        with unit_of_work(), django_assert_num_queries(1):
            ledger.post(batch, by=PLATFORM)
    check_now()
    assert JournalLine.objects.count() == 104


def test_same_id_and_body_give_the_same_answer(accounts):
    one = entry(accounts)
    assert post(one) == {one.id: True}
    assert post(one) == {one.id: False}
    assert JournalLine.objects.count() == 2


def test_same_id_and_other_body_is_a_conflict_that_names_the_field(accounts):
    one = entry(accounts)
    post(one)
    with pytest.raises(ledger.EntryConflict) as refused:
        post(entry(accounts, 200, id=one.id))
    assert refused.value.context["field"] == "lines"


def test_an_unbalanced_entry_is_refused_before_the_database_sees_it(accounts):
    with pytest.raises(ledger.Unbalanced):
        post(entry(accounts, lines=(Line(accounts[0], 5),)))


def test_a_reversal_is_posted_once_and_sums_to_nothing(accounts):
    one = entry(accounts)
    post(one)
    first = ledger.reverse(one.id, effective_date=NOON.date(), by=PLATFORM, at=NOON)
    assert ledger.reverse(one.id, effective_date=NOON.date(), by=PLATFORM, at=NOON) == first
    assert (
        fetch_value("SELECT sum(amount) FROM finance_journalline WHERE account_id = %s", [accounts[0]]) == 0
    )


def test_a_pending_entry_is_resolved_once(accounts):
    pending = entry(accounts, is_pending=True)
    post(pending)
    post(entry(accounts, resolves=pending.id))
    with pytest.raises(ledger.AlreadyResolved):
        post(entry(accounts, resolves=pending.id))


def test_an_expired_pending_entry_cannot_be_posted_but_can_be_freed(accounts):
    pending = entry(accounts, is_pending=True, expires_at=NOON)
    post(pending)
    with pytest.raises(ledger.NotPending):
        post(entry(accounts, resolves=pending.id))
    assert post(entry(accounts, resolves=pending.id, lines=()))


def test_a_limited_account_stays_within_its_limits():
    dealer = dealer_with_credit(1)
    wanted = [Wanted(EXPOSURE, "CNY", dealer.pk), Wanted(EXPOSURE_CONTRA, "CNY")]
    with unit_of_work():
        found = chart.accounts(wanted)
    keys = [found[one] for one in wanted]
    book = chart.books()["CREDIT"]
    post(entry(keys, 60, book_id=book), entry(keys, 40, book_id=book, is_pending=True))
    with pytest.raises(ledger.LimitPassed):
        post(entry(keys, 1, book_id=book))
    post(entry(keys, 1, book_id=book, forced=True))
    balance = AccountBalance.objects.get(account=keys[0])
    assert (balance.posted, balance.pending_debit) == (61, 40)


def insert_directly(accounts: list[int], amounts: list[int], count: int = 2) -> None:
    key = uuid7()
    execute(
        """INSERT INTO finance_journalentry (id, book_id, kind, is_pending, effective_date, booked_at, line_count,
            source_type, source_id, description, actor_name, body_hash)
        VALUES (%s, %s, 'x', false, '2026-03-02', %s, %s, '', '', '', '', '')""",
        [key, chart.books()["MAIN"], NOON, count],
    )
    for number, amount in enumerate(amounts, 1):
        add_directly(key, accounts[number % 2], amount, number)


@transaction.atomic
def insert_and_check(accounts: list[int], amounts: list[int], count: int) -> None:
    insert_directly(accounts, amounts, count)
    check_now()


def add_directly(key: object, account: int, amount: int, number: int) -> None:
    execute(
        """INSERT INTO finance_journalline (entry_id, line_number, account_id, amount, dimension, booked_at)
        VALUES (%s, %s, %s, %s, '', %s)""",
        [key, number, account, amount, NOON],
    )


@pytest.mark.parametrize(("amounts", "count"), [([10, -9], 2), ([10], 1), ([10, -10], 3), ([], 2)])
def test_direct_sql_cannot_commit_an_unbalanced_entry(accounts, amounts, count):
    with pytest.raises(DatabaseError, match="does not balance"):
        insert_and_check(accounts, amounts, count)


def test_direct_sql_that_balances_is_accepted(accounts):
    insert_directly(accounts, [10, -10])
    check_now()


def test_no_line_joins_a_complete_entry(accounts):
    one = entry(accounts)
    post(one)
    with pytest.raises(DatabaseError, match="takes no more lines"), transaction.atomic():
        add_directly(one.id, accounts[0], 7, 3)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE finance_journalline SET amount = 1",
        "DELETE FROM finance_journalline",
        "TRUNCATE finance_journalline",
        "UPDATE finance_journalentry SET kind = 'x'",
        "DELETE FROM finance_journalentry",
        "TRUNCATE finance_journalentry CASCADE",
    ],
)
def test_history_is_not_rewritten(accounts, statement):
    post(entry(accounts))
    with pytest.raises(DatabaseError), transaction.atomic():
        execute(statement)
    assert fetch_value("SELECT current_user") == "midstream_app"


def test_nobody_but_the_platform_sees_the_ledger(accounts):
    post(entry(accounts))
    rival = organization()
    from tests.factories.directory import actor

    with acting_as(actor(rival)):
        assert not JournalEntry.objects.exists()
        assert fetch_value("SELECT count(*) FROM finance_account") == 0


def test_missing_accounts_are_opened_in_a_constant_number_of_statements(django_assert_max_num_queries):
    operator()
    chart.books()
    parties = [organization().pk for _ in range(20)]
    with unit_of_work(), django_assert_max_num_queries(4):
        found = chart.accounts([Wanted(ADVANCES, "CNY", party) for party in parties])
    assert len(set(found.values())) == 20
    assert connection.in_atomic_block
