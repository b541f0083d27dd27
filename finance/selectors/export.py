"""The posted entries of a book as a text file that other programs can prove."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Final

from django.db.models import QuerySet

from b2b.core.actor import Actor
from finance.models import JournalLine
from finance.policies.plain_text import FORMATS, Place, Transaction
from finance.selectors import balance

CHUNK: Final = 2_000


def lines(actor: Actor, *, book: str, form: str, until: date = date.max) -> Iterator[str]:
    """Yield the lines of the file: accounts, what was posted and effective by `until`, and what it comes to.

    Memory stays flat. The balances in the end come from the ledger's checkpoints and not from the entries above them,
    so that whoever reads the file proves both. Read it in one transaction; empty for all but operators.
    """
    write = FORMATS[form]
    trial = [
        Place(row["type"], row["code"], row["party"] or "", row["unit"], row["balance"])
        for row in balance.trial(actor, effective=until, book=book)
    ]
    posted = _posted(book, until)
    if not trial or not actor.sees_all:
        return
    first, last = (
        posted.order_by(f"{sign}effective_date").values_list("effective_date", flat=True)[0]
        for sign in ("", "-")
    )
    yield from write.opening(trial, first, book)
    for transaction in _transactions(posted):
        yield from write.transaction(transaction)
    yield from write.closing(trial, last)


def _posted(book: str, until: date) -> QuerySet[JournalLine]:
    return JournalLine.objects.filter(entry__book__code=book, is_pending=False, effective_date__lte=until)


def _transactions(posted: QuerySet[JournalLine]) -> Iterator[Transaction]:
    rows = (
        posted.select_related("entry", "account__party")
        .order_by("effective_date", "entry__booked_at", "entry_id", "line_number")
        .iterator(chunk_size=CHUNK)
    )
    for key, of_entry in groupby(rows, key=lambda line: line.entry_id):
        found = list(of_entry)
        entry = found[0].entry
        text = entry.description or f"{entry.source_type} {entry.source_id}".strip()
        legs = tuple((_place(line), line.amount) for line in found)
        yield Transaction(str(key), entry.effective_date, entry.kind, text, legs)


def _place(line: JournalLine) -> Place:
    account = line.account
    return Place(account.type, account.code, account.party.code if account.party else "", account.unit)
