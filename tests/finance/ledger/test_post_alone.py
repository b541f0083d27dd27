"""One entry, posted and committed in one round trip, keeps every rule that a batch in a unit of work keeps."""

from __future__ import annotations

import pytest
from django.db import connection

from b2b.core.actor import acting_as
from b2b.db.transactions import unit_of_work
from finance.models import AccountBalance, JournalEntry, JournalLine, UnsealedPosting
from finance.policies.entry import Entry, Line
from finance.services import account, ledger, period
from tests.factories.directory import actor, organization
from tests.factories.finance import NOON, PLATFORM
from tests.finance.ledger.book import ANNA, accounts, at_once, entry, limited, post


@pytest.fixture
def keys(committed_db):
    with acting_as(PLATFORM):
        yield accounts()


def alone(one: Entry) -> bool:
    return ledger.post_alone(one, by=PLATFORM)


def test_it_is_one_statement_outside_any_transaction_and_committed(keys, django_assert_num_queries):
    one = entry(keys)
    alone(entry(keys))  # opens the connection and finds the book
    with django_assert_num_queries(1):  # a unit of work would be a BEGIN and a COMMIT more
        assert alone(one)
    connection.close()
    assert list(JournalEntry.objects.get(pk=one.id).lines.values_list("amount", flat=True)) == [100, -100]
    assert [one.id] in UnsealedPosting.objects.values_list("entry_ids", flat=True)


def test_the_actor_of_the_statement_does_not_stay_with_the_session(keys):
    alone(entry(keys))
    with connection.connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('midstream.scope', true), current_setting('midstream.posting', true)"
        )
        assert set(cursor.fetchone()) <= {"", None}


def test_it_joins_a_unit_of_work_and_is_lost_with_it(keys):
    one, wrong = entry(keys), entry(keys, lines=(Line(keys[0], 5), Line(0, -5)))

    @unit_of_work()
    def both() -> None:
        assert alone(one)
        alone(wrong)

    with pytest.raises(ledger.Unbalanced):
        both()
    assert not JournalEntry.objects.exists()


def test_the_same_again_gives_the_same_answer_and_another_body_is_refused(keys):
    one = entry(keys)
    assert (alone(one), alone(one)) == (True, False)
    assert post(one) == {one.id: False}
    with pytest.raises(ledger.EntryConflict, match="another lines"):
        alone(entry(keys, 7, id=one.id))
    with pytest.raises(ledger.EntryConflict, match="another kind"):
        alone(entry(keys, id=one.id, kind="other"))
    assert JournalLine.objects.count() == 2


def test_fifty_twins_at_once_are_one_entry(keys):
    one = entry(keys)
    assert sorted(at_once(lambda _: alone(one), 50)) == [False] * 49 + [True]
    assert JournalLine.objects.count() == 2
    assert UnsealedPosting.objects.count() == 1


def test_limits_hold_and_a_forced_entry_passes_them(keys):
    bound = limited(1, ceiling=100)
    assert alone(entry([bound, keys[0]], 60, is_pending=True))
    assert alone(entry([bound, keys[0]], 40))
    with pytest.raises(ledger.LimitPassed):
        alone(entry([bound, keys[0]], 1))
    assert alone(entry([bound, keys[0]], 1, forced=True))
    balance = AccountBalance.objects.get(account=bound)
    assert (balance.posted, balance.pending_debit) == (41, 60)


def test_parallel_entries_on_one_limit_pass_as_often_as_it_allows(keys):
    bound = limited(1, ceiling=100)

    def work(_: int) -> bool:
        try:
            return alone(entry([bound, keys[0]], 10))
        except ledger.LimitPassed:
            return False

    assert sum(at_once(work, 32)) == 10


def test_what_does_not_balance_is_refused_here_and_by_the_database(keys):
    dollars = limited(1, unit="USD")
    with pytest.raises(ledger.Unbalanced, match="off zero"):
        alone(entry(keys, lines=(Line(keys[0], 5),)))
    for lines in (
        (Line(keys[0], 5), Line(dollars, -5)),  # in no unit
        (Line(keys[0], 5), Line(keys[1] + 1_000, -5)),  # no such account
        (),
    ):
        with pytest.raises(ledger.Unbalanced):
            alone(entry(keys, lines=lines))
    assert not JournalEntry.objects.exists()


def test_an_account_named_twice_and_several_units_are_in_order(keys):
    one, other = (limited(number, unit="USD") for number in (1, 2))
    twice = entry(keys, lines=(Line(keys[0], 5, "a"), Line(keys[0], 6, "b"), Line(keys[1], -11)))
    units = entry(keys, lines=(Line(keys[0], 5), Line(keys[1], -5), Line(one, 3), Line(other, -3)))
    assert alone(twice)
    assert alone(units)
    assert ledger.of_id(twice.id).lines == twice.lines
    assert ledger.of_id(units.id).lines == units.lines


def test_an_entry_that_undoes_another_goes_the_long_way(keys):
    held = entry(keys, is_pending=True)
    assert alone(held)
    assert alone(entry(keys, resolves=held.id))
    with pytest.raises(ledger.AlreadyResolved):
        alone(entry(keys, resolves=held.id))


def test_closed_days_and_closed_accounts_take_nothing_new(keys):
    before = entry(keys)
    alone(before)
    period.close(
        book="MAIN",
        first_date=NOON.date().replace(day=1),
        last_date=NOON.date().replace(day=31),
        by=ANNA,
        at=NOON,
    )
    with pytest.raises(ledger.PeriodClosed):
        alone(entry(keys))
    assert alone(before) is False
    spare = limited(1)
    account.close(spare, by=ANNA, at=NOON)
    with pytest.raises(ledger.AccountClosed):
        alone(entry([spare, keys[0]], effective_date=NOON.date().replace(month=4, day=1)))


def test_a_party_posts_nothing(keys):
    one = entry(keys)
    with acting_as(actor(organization())) as rival, pytest.raises(ledger.Unbalanced):
        ledger.post_alone(one, by=rival)
    assert not JournalEntry.objects.exists()
