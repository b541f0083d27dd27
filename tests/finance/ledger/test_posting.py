"""Entries balance, are posted once, and are never rewritten; the database refuses what code would have to promise."""

from __future__ import annotations

import pytest
from django.db import connection

from b2b.core.actor import acting_as
from b2b.core.ids import uuid7
from b2b.db.bulk import fetch_value
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


def test_a_batch_is_posted_in_one_statement_whatever_its_size(accounts, django_assert_num_queries):
    few, many = [entry(accounts) for _ in range(2)], [entry(accounts) for _ in range(50)]
    for batch in (few, many):
        with unit_of_work(), django_assert_num_queries(1):
            ledger.post(batch, by=PLATFORM)
    assert JournalLine.objects.count() == 104


def test_same_id_and_body_give_the_same_answer(accounts):
    one = entry(accounts)
    assert post(one) == {one.id: True}
    assert post(one) == {one.id: False}
    assert JournalLine.objects.count() == 2


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
