"""The ledger as the operator sees it."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet

from b2b.core.actor import Actor
from b2b.db.bulk import fetch_dicts
from finance.models import Account, JournalEntry, JournalLine

TRIAL_BALANCE = """
    SELECT book.code AS book, account.code, account.name, account.unit, party.code AS party,
        sum(line.amount) FILTER (WHERE NOT entry.is_pending) AS posted
    FROM finance_journalline line
    JOIN finance_journalentry entry ON entry.id = line.entry_id
    JOIN finance_account account ON account.id = line.account_id
    JOIN finance_book book ON book.id = account.book_id
    LEFT JOIN directory_organization party ON party.id = account.party_id
    GROUP BY book.code, account.id, party.code ORDER BY book.code, account.code, account.unit, party.code
"""


def entries(actor: Actor) -> QuerySet[JournalEntry]:
    """Return the journal entries with their lines; nobody but operators and the platform see any."""
    if not actor.sees_all:
        return JournalEntry.objects.none()
    ordered = JournalLine.objects.select_related("account__party").order_by("line_number")
    return JournalEntry.objects.select_related("book").prefetch_related(Prefetch("lines", queryset=ordered))


def accounts(actor: Actor) -> QuerySet[Account]:
    """Return the accounts; nobody but operators and the platform see any."""
    found = Account.objects.select_related("book", "party")
    return found if actor.sees_all else found.none()


def trial_balance(actor: Actor) -> list[dict[str, Any]]:
    """Return the posted balance of each account in minor units, debit positive."""
    return fetch_dicts(TRIAL_BALANCE) if actor.sees_all else []
