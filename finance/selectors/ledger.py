"""The ledger as the operator sees it."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from b2b.core.actor import Actor
from finance.models import Account, JournalEntry, JournalLine, UnsealedPosting


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


def unsealed(actor: Actor) -> int:
    """Return how many postings wait for a block of the chain."""
    return UnsealedPosting.objects.count() if actor.sees_all else 0
