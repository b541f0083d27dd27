"""10. A closed period takes nothing, is opened again by two people only, and shows what a second closing changed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid
from b2b.core.machine import IllegalTransition
from b2b.db.transactions import unit_of_work
from finance.models import JournalEntry, Period, PeriodEvent
from finance.selectors import period as periods
from finance.services import account, chain, ledger, pending, period
from tests.factories.directory import actor, organization
from tests.factories.finance import NOON, PLATFORM
from tests.finance.ledger.book import (
    ANNA,
    BEN,
    accounts,
    as_owner,
    at_once,
    entry,
    insert_directly,
    limited,
    post,
)

MARCH = {"book": "MAIN", "first_date": date(2026, 3, 1), "last_date": date(2026, 3, 31)}
APRIL = date(2026, 4, 1)


@pytest.fixture
def keys(committed_db):
    with acting_as(PLATFORM):
        yield accounts()


def close(**values) -> PeriodEvent:
    return period.close(**{**MARCH, **values}, by=ANNA, at=NOON)


def test_10_nothing_becomes_effective_in_a_closed_period_whoever_writes_it(keys):
    close()
    with pytest.raises(ledger.PeriodClosed):
        post(entry(keys))
    with pytest.raises(ledger.PeriodClosed):
        post(entry(keys, is_pending=True))
    with pytest.raises(DatabaseError, match="is closed"):
        insert_directly(keys, [1, -1])
    assert post(entry(keys, effective_date=APRIL))
    assert JournalEntry.objects.count() == 1


def test_10_other_books_stay_open(keys):
    close(book="CREDIT")
    assert post(entry(keys))


def test_10_a_reversal_of_a_closed_entry_lands_on_the_first_open_day_and_is_one(keys):
    one = entry(keys)
    post(one)
    close()
    close(first_date=APRIL, last_date=date(2026, 4, 30))
    first = ledger.reverse(one.id, effective_date=NOON.date(), by=PLATFORM, at=NOON)
    assert JournalEntry.objects.get(pk=first).effective_date == date(2026, 5, 1)
    close(first_date=date(2026, 5, 1), last_date=date(2026, 5, 31))
    assert ledger.reverse(one.id, effective_date=NOON.date(), by=PLATFORM, at=NOON) == first


def test_10_a_period_is_opened_again_with_a_reason_by_a_second_person(keys):
    closed = close().period_id
    with pytest.raises(Invalid):
        period.ask_reopen(closed, reason=" ", by=ANNA, at=NOON)
    period.ask_reopen(closed, reason="freight bill came late", by=ANNA, at=NOON)
    with pytest.raises(ledger.PeriodClosed):
        post(entry(keys))
    with pytest.raises(period.SecondPersonNeeded):
        period.grant_reopen(closed, by=ANNA, at=NOON)
    period.grant_reopen(closed, by=BEN, at=NOON)
    assert post(entry(keys))
    assert list(PeriodEvent.objects.values_list("verb", "actor_name", "status")) == [
        ("close", "anna", "CLOSED"),
        ("ask_reopen", "anna", "REOPEN_ASKED"),
        ("grant_reopen", "ben", "OPEN"),
    ]


def test_10_a_question_may_be_refused_and_steps_come_in_order(keys):
    closed = close().period_id
    for step in (period.grant_reopen, lambda *a, **k: close()):
        with pytest.raises(IllegalTransition):
            step(closed, by=BEN, at=NOON)
    period.ask_reopen(closed, reason="why", by=ANNA, at=NOON)
    period.refuse_reopen(closed, reason="no", by=BEN, at=NOON)
    assert Period.objects.get().status == "CLOSED"


def test_10_a_second_closing_shows_what_changed_since_the_first(keys):
    post(entry(keys, 100))
    first = close()
    assert periods.difference(ANNA, first) == []
    period.ask_reopen(first.period_id, reason="late", by=ANNA, at=NOON)
    period.grant_reopen(first.period_id, by=BEN, at=NOON)
    post(entry(keys, 7), entry(keys, 1_000, effective_date=APRIL))
    found = periods.difference(ANNA, close())
    assert sorted((row["before"], row["after"]) for row in found) == [(-100, -107), (100, 107)]


def test_10_the_database_holds_the_steps_and_the_second_person_itself(keys):
    closing = close()
    step = (
        "INSERT INTO finance_periodevent (period_id, number, verb, status, reason, actor_name, user_id, at)"
    )
    with pytest.raises(IntegrityError):
        as_owner(f"{step} VALUES (%s, 2, 'grant_reopen', 'OPEN', '', 'x', 9, now())", [closing.period_id])
    period.ask_reopen(closing.period_id, reason="late", by=ANNA, at=NOON)
    for name, user in (("anna", 9), ("other", 1)):
        with pytest.raises(DatabaseError, match="cannot grant it"):
            as_owner(
                f"{step} VALUES (%s, 3, 'grant_reopen', 'OPEN', '', %s, %s, now())",
                [closing.period_id, name, user],
            )
    for statement in (
        "DELETE FROM finance_periodevent",
        "UPDATE finance_periodevent SET status = 'OPEN'",
        "DELETE FROM finance_period",
    ):
        with pytest.raises(DatabaseError):
            as_owner(statement)


def test_10_periods_do_not_overlap_and_are_the_operators(keys):
    close()
    with pytest.raises(Invalid):
        close(first_date=date(2026, 3, 31), last_date=APRIL)
    with acting_as(actor(organization())) as rival, pytest.raises(Forbidden):
        period.close(**MARCH, by=rival, at=NOON)
    with acting_as(rival):
        assert not Period.objects.exists()


def test_10_postings_at_the_same_moment_are_in_the_closing_or_refused(keys):
    outcomes = []

    def work(number: int) -> None:
        try:
            if number == 15:
                outcomes.append(close().pk)
            else:
                post(entry(keys, 1))
        except ledger.PeriodClosed:
            pass

    at_once(work, 64)
    [closing] = PeriodEvent.objects.all()
    kept = sum(one.balance for one in closing.balances.filter(account_id=keys[0]))
    assert kept == JournalEntry.objects.count()


def test_an_account_is_closed_when_nothing_is_on_it_and_takes_nothing_then(keys):
    bound = limited(1, ceiling=10)
    post(entry([bound, keys[0]], 5, is_pending=True, expires_at=NOON - timedelta(days=1)))
    held = entry([bound, keys[0]], 5, is_pending=True)
    post(held)
    with pytest.raises(account.AccountInUse):
        account.close(bound, by=ANNA, at=NOON)
    pending.void(held.id, by=PLATFORM, at=NOON)
    account.close(bound, by=ANNA, at=NOON)
    with pytest.raises(ledger.AccountClosed):
        post(entry([bound, keys[0]]))
    with pytest.raises(DatabaseError, match="is closed"):
        insert_directly([bound, keys[0]], [1, -1])
    account.reopen(bound, by=ANNA)
    assert post(entry([bound, keys[0]], 5))
    chain.seal_all(at=NOON)
    with pytest.raises(account.AccountInUse):
        account.close(bound, by=ANNA, at=NOON)


def test_10_what_was_posted_before_the_closing_gives_the_same_answer_after_it(keys):
    one, other, held = entry(keys), entry(keys, 7), entry(keys, is_pending=True)
    post(one, other, held)
    close()
    assert post(one) == {one.id: False}
    assert post(one, other, held) == {one.id: False, other.id: False, held.id: False}
    with pytest.raises(ledger.EntryConflict, match="another lines"):
        post(entry(keys, 8, id=one.id))
    for new in ([entry(keys)], [one, entry(keys)]):
        with pytest.raises(ledger.PeriodClosed):
            post(*new)
    assert JournalEntry.objects.count() == 3


def test_10_what_was_posted_before_its_account_was_closed_gives_the_same_answer(keys):
    bound = limited(1)
    one, back = entry([bound, keys[0]], 5), entry([keys[0], bound], 5)
    post(one, back)
    account.close(bound, by=ANNA, at=NOON)
    assert post(one) == {one.id: False}
    assert post(one, back) == {one.id: False, back.id: False}
    with pytest.raises(ledger.AccountClosed):
        post(one, entry([bound, keys[0]], 5))


def test_10_a_late_fact_told_again_keeps_the_day_it_was_given(keys):
    one, late = entry(keys), entry(keys, 7)

    def tell(*facts) -> dict:
        with unit_of_work():
            return ledger.post_late(facts, by=PLATFORM)

    tell(one)
    close()
    assert tell(one, late) == {one.id: False, late.id: True}
    close(first_date=APRIL, last_date=date(2026, 4, 30))
    assert tell(one, late) == {one.id: False, late.id: False}
    days = dict(JournalEntry.objects.values_list("pk", "effective_date"))
    assert days == {one.id: NOON.date(), late.id: APRIL}
