"""Which days are closed, and what a closing found."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.db.bulk import fetch, fetch_dicts
from finance.models import Period, PeriodEvent

CLOSED_FROM = """
    SELECT book_id, first_date, last_date FROM finance_period
    WHERE book_id = ANY(%(books)s) AND last_date >= %(since)s AND NOT finance_is_open(id) ORDER BY first_date
"""
DIFFERENCE = """
    SELECT account.code, account.name, account.unit, party.code AS party,
        coalesce(earlier.balance, 0) AS before, coalesce(later.balance, 0) AS after
    FROM (SELECT account_id, balance FROM finance_periodbalance WHERE event_id = %(earlier)s) earlier
    FULL JOIN (SELECT account_id, balance FROM finance_periodbalance WHERE event_id = %(later)s) later
        USING (account_id)
    JOIN finance_account account ON account.id = account_id
    LEFT JOIN directory_organization party ON party.id = account.party_id
    WHERE earlier.balance IS DISTINCT FROM later.balance
    ORDER BY account.code, account.unit, party.code
"""


def visible(actor: Actor) -> QuerySet[Period]:
    """Return the periods with their events; nobody but operators and the platform see any."""
    found = Period.objects.select_related("book").prefetch_related("events")
    return found if actor.sees_all else found.none()


def first_open_date(book_id: int, day: date) -> date:
    """Return the first day from `day` on that no closed period of the book covers."""
    return first_open_dates({(book_id, day)})[book_id, day]


def first_open_dates(days: Collection[tuple[int, date]]) -> dict[tuple[int, date], date]:
    """Return for each (book, day) the first day from it on that no closed period of the book covers; one statement."""
    books = sorted({book for book, _ in days})
    since = min((day for _, day in days), default=date.max)
    closed = fetch(CLOSED_FROM, {"books": books, "since": since})
    found = {}
    for book, day in days:
        first_open = day
        for of_book, first_date, last_date in closed:
            if of_book == book and first_date <= first_open <= last_date:
                first_open = last_date + timedelta(days=1)
        found[book, day] = first_open
    return found


def difference(actor: Actor, closing: PeriodEvent) -> list[dict[str, Any]]:
    """Return the accounts whose balance at the end of the period differs from the closing before, both in minor units.

    Empty for a first closing.
    """
    if not actor.sees_all:
        return []
    earlier = closing.period.events.filter(verb="close", number__lt=closing.number).last()
    return fetch_dicts(DIFFERENCE, {"earlier": earlier.pk, "later": closing.pk}) if earlier else []
