"""1 and 6. Whatever sixteen threads do at random, everything that must hold holds, and no deadlock surfaces."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as
from b2b.db.bulk import fetch, fetch_value
from b2b.db.invariants import check
from b2b.db.transactions import unit_of_work
from finance.policies.entry import Entry, Line
from finance.selectors import balance
from finance.services import chain, ledger, pending
from tests.factories.finance import PLATFORM
from tests.finance.ledger.book import (
    RECEIVABLES,
    REVENUE,
    SUSPENSE,
    accounts,
    as_owner,
    at_once,
    entry,
    limited,
    post,
    without_guards,
)

NAMES = ["finance.ledger_sums_to_zero", "finance.entries_balance", "finance.balances_are_their_lines"]
PASSED_LIMITS = """
    SELECT account.code, balance.*, expired.* FROM finance_accountbalance balance
    JOIN finance_account account ON account.id = balance.account_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(greatest(line.amount, 0)), 0) AS debit,
            coalesce(sum(greatest(-line.amount, 0)), 0) AS credit
        FROM finance_journalline line JOIN finance_journalentry entry ON entry.id = line.entry_id
        WHERE line.account_id = account.id AND entry.is_pending AND entry.expires_at <= now()
            AND entry.id NOT IN (SELECT resolves_id FROM finance_journalentry WHERE resolves_id IS NOT NULL)) expired
    WHERE balance.posted + balance.pending_debit - expired.debit > account.ceiling
        OR balance.posted - balance.pending_credit + expired.credit < account.floor
"""


@dataclass
class Campaign:
    """Accounts, and what was posted so far, for anybody to resolve or reverse."""

    free: list[int]
    bound: list[int]
    pending: list[Entry] = field(default_factory=list)
    posted: list[UUID] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def step(self, number: int) -> None:
        """Do something at random; refusals are part of it."""
        dice = random.Random(number)
        act = dice.choices(
            [self.post_some, self.reserve, self.settle, self.void, self.reverse, self.seal],
            [8, 4, 3, 2, 2, 1],
        )[0]
        try:
            act(dice)
            self.outcomes[act.__name__] += 1
        except (
            ledger.LimitPassed,
            ledger.AlreadyResolved,
            ledger.NotPending,
            ledger.PartTooLarge,
        ) as refusal:
            self.outcomes[refusal.code] += 1

    def _entry(self, dice: random.Random, keys: list[int], **values: Any) -> Entry:
        chosen = dice.sample(keys, dice.randint(2, min(4, len(keys))))
        amounts = [dice.choice((-1, 1)) * dice.randint(1, 400) for _ in chosen[1:]]
        rest = -sum(amounts)
        if rest:
            amounts.append(rest)
        lines = tuple(Line(key, amount) for key, amount in zip(chosen, amounts, strict=False))
        return entry(chosen, booked_at=clock.now(), **values, lines=lines)

    def post_some(self, dice: random.Random) -> None:
        """Post a batch, of any accounts or of those without limits, which may be reversed later."""
        if dice.random() < 0.5:
            post(*[self._entry(dice, self.free + self.bound) for _ in range(dice.randint(1, 5))])
        else:
            made = self._entry(dice, self.free)
            post(made)
            self.posted.append(made.id)

    def reserve(self, dice: random.Random) -> None:
        """Post a pending entry; some have expired when they come."""
        expiry = dice.choice([None, clock.now() + timedelta(hours=1), clock.now() - timedelta(hours=1)])
        made = self._entry(dice, self.free + self.bound, is_pending=True, expires_at=expiry)
        post(made)
        self.pending.append(made)

    def settle(self, dice: random.Random) -> None:
        """Post a pending entry, all of it, a part, or more than there is."""
        held = dice.choice(self.pending or [None])
        if held is None:
            return
        share = dice.choice([1, 2, 2, 3])
        lines = None
        if share > 1:
            first = max(abs(held.lines[0].amount) // share, 1) * (1 if held.lines[0].amount > 0 else -1)
            lines = (Line(held.lines[0].account_id, first), Line(held.lines[1].account_id, -first))
        pending.settle(held.id, lines=lines, effective_date=clock.today(), by=PLATFORM, at=clock.now())

    def void(self, dice: random.Random) -> None:
        """Free a pending entry."""
        held = dice.choice(self.pending or [None])
        if held is not None:
            pending.void(held.id, by=PLATFORM, at=clock.now())

    def reverse(self, dice: random.Random) -> None:
        """Reverse a posted entry, maybe once more."""
        key = dice.choice(self.posted or [None])
        if key is not None:
            ledger.reverse(key, effective_date=clock.today(), by=PLATFORM, at=clock.now())

    def seal(self, dice: random.Random) -> None:
        """Seal a block while others post."""
        chain.seal(at=clock.now(), most=dice.randint(1, 50))


def play(operations: int) -> Campaign:
    """Let sixteen threads loose and hold everything against everything."""
    free = accounts(RECEIVABLES, REVENUE, SUSPENSE)
    bound = [limited(n, ceiling=1_000, floor=-1_000) for n in range(5)]
    campaign = Campaign(free, bound)
    at_once(campaign.step, operations)
    with acting_as(PLATFORM):
        assert check(NAMES) == []
        assert fetch(PASSED_LIMITS) == []
        chain.seal_all(at=clock.now())
        assert list(chain.faults()) == []
        for key in free + bound:
            lines = fetch_value(
                "SELECT coalesce(sum(amount), 0) FROM finance_journalline WHERE account_id = %s AND NOT is_pending",
                [key],
            )
            assert balance.of_account(PLATFORM, key, effective=clock.today()).amount == lines
        assert fetch_value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0
    return campaign


def test_01_and_06_sixteen_threads_at_random_break_no_invariant(committed_db):
    campaign = play(800)
    expected = {
        "post_some",
        "reserve",
        "settle",
        "void",
        "reverse",
        "seal",
        "limit_passed",
        "already_resolved",
    }
    assert expected <= set(campaign.outcomes)


def test_01_an_entry_that_lost_its_lines_is_seen(committed_db):
    lost = "(SELECT min(id::text)::uuid FROM finance_journalentry)"
    with acting_as(PLATFORM):
        keys = accounts()
        with unit_of_work():
            ledger.post([entry(keys), entry(keys)], by=PLATFORM)
        assert check(NAMES) == []
        with without_guards("finance_journalline"):
            as_owner(f"DELETE FROM finance_journalline WHERE entry_id = {lost}")
        assert [broken.invariant.name for broken in check(NAMES)] == ["finance.entries_balance"]


@pytest.mark.soak
@pytest.mark.timeout(3_000)
def test_01_and_06_a_hundred_thousand_operations_break_no_invariant(committed_db):
    print(play(100_000).outcomes)
