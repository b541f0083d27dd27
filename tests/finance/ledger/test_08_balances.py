"""8. Any balance of the past, as of an effective day and as known at a moment, comes from checkpoints and agrees."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import NotFound
from b2b.db.bulk import execute, fetch_value
from finance.models import BalanceCheckpoint
from finance.policies.entry import Line
from finance.selectors import balance
from finance.services import chain
from tests.factories.directory import actor, organization
from tests.factories.finance import NOON, PLATFORM
from tests.finance.ledger.book import RECEIVABLES, REVENUE, SUSPENSE, accounts, entry, post

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 3, 1, tzinfo=UTC)
TRUTH = """
    SELECT coalesce(sum(amount), 0) FROM finance_journalline
    WHERE account_id = %s AND effective_date <= %s AND booked_at <= %s AND NOT is_pending
"""


@pytest.fixture
def keys(db):
    with acting_as(PLATFORM):
        yield accounts(RECEIVABLES, REVENUE, SUSPENSE)


def history(keys: list[int], *, entries: int = 120) -> None:
    """Post over ten days, effective up to a week before or after; seal some of it at every turn."""
    dice = random.Random(1)
    for number in range(entries):
        booked = FIRST + timedelta(seconds=dice.randrange(10 * 86_400))
        effective = booked.date() + timedelta(days=dice.randrange(-7, 7))
        chosen = dice.sample(keys, 2)
        post(
            entry(
                chosen,
                dice.randint(1, 999),
                booked_at=booked,
                effective_date=effective,
                is_pending=number % 9 == 0,
            )
        )
        if number % 20 == 0:
            chain.seal(at=NOON, most=15)


def test_08_every_pair_of_dates_gives_the_sum_of_its_lines(keys):
    history(keys)
    dice = random.Random(2)
    for _ in range(60):
        effective = date(2026, 2, 20) + timedelta(days=dice.randrange(30))
        booked = FIRST + timedelta(
            seconds=dice.randrange(-86_400, 11 * 86_400), microseconds=dice.randrange(10**6)
        )
        trial = {
            row["account_id"]: row["balance"]
            for row in balance.trial(PLATFORM, effective=effective, booked=booked)
        }
        for key in keys:
            wanted = fetch_value(TRUTH, [key, effective, booked])
            for by_minute in (False, True):
                found = balance.of_account(
                    PLATFORM, key, effective=effective, booked=booked, by_minute=by_minute
                )
                assert found.amount == wanted
            assert trial.get(key, 0) == wanted


def test_08_the_present_is_what_all_lines_say_sealed_or_not(keys):
    history(keys)
    effective = date(2026, 3, 6)
    trial = {
        row["account_id"]: row["balance"] for row in balance.trial(PLATFORM, effective=effective, book="MAIN")
    }
    for key in keys:
        wanted = fetch_value(TRUTH, [key, effective, NOON + timedelta(days=99)])
        assert balance.of_account(PLATFORM, key, effective=effective).amount == wanted
        assert trial[key] == wanted
    assert sum(trial.values()) == 0
    assert balance.trial(PLATFORM, effective=effective, book="CREDIT") == []


def test_08_a_question_is_one_statement_and_reads_no_sealed_line(keys, django_assert_num_queries):
    history(keys)
    chain.seal_all(at=NOON)
    late = FIRST + timedelta(days=30)
    with django_assert_num_queries(1):
        balance.of_account(PLATFORM, keys[0], effective=late.date(), booked=late)
    with django_assert_num_queries(1):
        balance.trial(PLATFORM, effective=late.date(), booked=late)
    assert BalanceCheckpoint.objects.filter(span="D", account_id=keys[0]).count() < 80


def test_08_checkpoints_are_a_cache_that_is_made_anew(keys):
    history(keys)
    chain.seal_all(at=NOON)
    kept = set(
        BalanceCheckpoint.objects.values_list(
            "account_id", "span", "booked_from", "effective_date", "debit", "credit"
        )
    )
    execute("UPDATE finance_balancecheckpoint SET debit = debit + 1 WHERE account_id = %s", [keys[0]])
    assert {fault.kind for fault in chain.faults()} == {"checkpoint"}
    chain.rebuild_checkpoints()
    assert list(chain.faults()) == []
    assert kept == set(
        BalanceCheckpoint.objects.values_list(
            "account_id", "span", "booked_from", "effective_date", "debit", "credit"
        )
    )


def test_08_an_account_is_found_by_its_name_and_by_operators_only(keys):
    post(entry(keys, lines=(Line(keys[0], 5), Line(keys[1], -5))))
    asked = {"book": "MAIN", "code": RECEIVABLES, "unit": "CNY", "effective": NOON.date()}
    assert balance.find(PLATFORM, **asked).amount == 5
    rival = actor(organization())
    for who, changed in ((PLATFORM, {"unit": "USD"}), (rival, {})):
        with acting_as(who), pytest.raises(NotFound):
            balance.find(who, **{**asked, **changed})
    with acting_as(rival):
        assert balance.trial(rival, effective=NOON.date()) == []
