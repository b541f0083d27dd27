"""3, 4 and 5. The same entry is posted once, a pending one is resolved once, and never after it has expired."""

from __future__ import annotations

from datetime import timedelta

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as
from b2b.core.errors import DomainError
from b2b.core.ids import uuid7
from b2b.db.bulk import fetch_value
from finance.models import AccountBalance, JournalEntry
from finance.policies.entry import Line
from finance.services import ledger, pending
from tests.factories.finance import NOON, PLATFORM
from tests.finance.ledger.book import accounts, at_once, entry, limited, post


@pytest.fixture
def keys(committed_db):
    with acting_as(PLATFORM):
        yield accounts()


def settle(key, **values):
    return pending.settle(key, effective_date=NOON.date(), by=PLATFORM, at=NOON, **values)


def outcome(work):
    try:
        return work() and "done"
    except DomainError as refusal:
        return refusal.code


def test_03_fifty_twins_at_once_give_one_entry(keys):
    one = entry(keys)
    news = at_once(lambda _: post(one)[one.id], 50)
    assert sum(news) == 1
    assert fetch_value("SELECT count(*) FROM finance_journalline") == 2


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("lines", {"lines": None}), ("kind", {"kind": "other"}), ("source_id", {"source_id": "7"}),
        ("effective_date", {"effective_date": NOON.date() + timedelta(days=1)}),
    ],
)  # fmt: skip
def test_03_another_body_under_the_same_id_is_a_conflict_that_names_the_field(keys, field, values):
    one = entry(keys)
    post(one)
    if values.get("lines", 1) is None:
        values = {"lines": (Line(keys[0], 7), Line(keys[1], -7))}
    with pytest.raises(ledger.EntryConflict) as refused:
        post(entry(keys, id=one.id, **values))
    assert refused.value.context["field"] == field
    assert refused.value.status == 409
    assert JournalEntry.objects.count() == 1


def test_04_fifty_resolves_at_once_give_one_success(keys):
    held = entry(keys, is_pending=True)
    post(held)
    found = at_once(
        lambda n: outcome(lambda: settle(held.id) if n % 2 else pending.void(held.id, by=PLATFORM, at=NOON)),
        50,
    )
    resolving = JournalEntry.objects.get(resolves=held.id)
    # A void repeated is the same void; a posting is another one each time.
    assert found.count("done") == (25 if resolving.kind == "void" else 1)
    assert set(found) <= {"done", "already_resolved"}


def test_04_a_part_is_posted_and_the_rest_is_free(keys):
    bound = limited(1, ceiling=100)
    held = entry([bound, keys[1]], 100, is_pending=True)
    post(held)
    with pytest.raises(ledger.LimitPassed):
        post(entry([bound, keys[1]], 1))
    settle(held.id, lines=[Line(bound, 60), Line(keys[1], -60)])
    balance = AccountBalance.objects.get(pk=bound)
    assert (balance.posted, balance.pending_debit, balance.pending_credit) == (60, 0, 0)
    assert post(entry([bound, keys[1]], 40))


@pytest.mark.parametrize("amount", [101, -1])
def test_04_no_more_and_nothing_else_is_posted_than_was_pending(keys, amount):
    held = entry(keys, 100, is_pending=True)
    post(held)
    with pytest.raises(ledger.PartTooLarge):
        settle(held.id, lines=[Line(keys[0], amount), Line(keys[1], -amount)])
    assert not JournalEntry.objects.filter(resolves=held.id).exists()


def test_04_a_void_frees_all_of_it(keys):
    bound = limited(1, ceiling=100)
    held = entry([bound, keys[1]], 100, is_pending=True)
    post(held)
    assert pending.void(held.id, by=PLATFORM, at=NOON) == pending.void(held.id, by=PLATFORM, at=NOON)
    assert AccountBalance.objects.get(pk=bound).pending_debit == 0


def test_05_what_has_expired_is_neither_posted_nor_held_though_nothing_swept(keys):
    bound = limited(1, ceiling=100)
    held = entry([bound, keys[1]], 100, is_pending=True, expires_at=clock.now() + timedelta(hours=1))
    post(held)
    with pytest.raises(ledger.LimitPassed):
        post(entry([bound, keys[1]], 1))
    with clock.travel(clock.now() + timedelta(hours=2)):
        with pytest.raises(ledger.NotPending):
            settle(held.id)
        assert post(entry([bound, keys[1]], 100))
        with pytest.raises(ledger.LimitPassed):
            post(entry([bound, keys[1]], 1))
        assert pending.free_expired(by=PLATFORM, at=clock.now()) == 1
        assert pending.free_expired(by=PLATFORM, at=clock.now()) == 0
    assert AccountBalance.objects.get(pk=bound).pending_debit == 0


def test_04_there_is_nothing_to_resolve_or_reverse_where_nothing_is(keys):
    for values in ({"resolves": uuid7()}, {"reverses": uuid7()}):
        with pytest.raises(ledger.NotPending):
            post(entry(keys, **values))
