"""What becomes of pending entries: posted in full or in part, made void, or freed once they have expired."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.ids import uuid7
from b2b.db.bulk import fetch
from b2b.db.transactions import unit_of_work
from finance.models import JournalEntry
from finance.policies.entry import Entry, Line, entry_id
from finance.services import ledger
from finance.services.ledger import NotPending

EXPIRED: Final = """
    SELECT entry.id, entry.book_id, entry.source_type, entry.source_id FROM finance_journalentry entry
    WHERE entry.expires_at <= midstream_now() AND entry.is_pending
        AND NOT EXISTS (SELECT FROM finance_journalentry resolver WHERE resolver.resolves_id = entry.id)
    ORDER BY entry.expires_at LIMIT %s
"""


@unit_of_work()
def settle(
    key: UUID,
    *,
    effective_date: date,
    by: Actor,
    at: datetime,
    lines: Sequence[Line] | None = None,
    description: str = "",
) -> UUID:
    """Post a pending entry, in full or as far as `lines` go, free the rest of it, and return the id of the posting.

    :raises PartTooLarge: when a line goes beyond what was pending. :raises NotPending: when it is not, or has expired.
    :raises AlreadyResolved: when another resolved it first. :raises NotFound: when there is no such entry.
    """
    held = _pending(key)
    posting = Entry(
        id=uuid7(),
        book_id=held.book_id,
        kind=held.kind,
        effective_date=effective_date,
        booked_at=at,
        lines=tuple(held.lines if lines is None else lines),
        source_type=held.source_type,
        source_id=held.source_id,
        resolves=key,
        description=description,
    )
    ledger.post([posting], by=by)
    return posting.id


@unit_of_work()
def void(key: UUID, *, by: Actor, at: datetime, reason: str = "") -> UUID:
    """Free a pending entry without posting it and return the id of what freed it; twice is the same as once.

    :raises NotPending: when it is not pending. :raises AlreadyResolved: when it was posted.
    :raises NotFound: when there is no such entry.
    """
    held = _pending(key)
    voiding = _freeing(
        key, held.book_id, held.source_type, held.source_id, "void", held.effective_date, at, reason
    )
    ledger.post([voiding], by=by)
    return voiding.id


@unit_of_work()
def void_all(keys: Collection[UUID], *, by: Actor, at: datetime, reason: str = "") -> None:
    """Free pending entries without posting them; a constant number of statements, twice is the same as once.

    What expired and was freed for that is free.

    :raises AlreadyResolved: when one was posted.
    """
    expired = JournalEntry.objects.filter(resolves__in=keys, kind="expiry").values("resolves")
    held = JournalEntry.objects.filter(pk__in=keys).exclude(pk__in=expired).order_by("pk")
    ledger.post(
        [
            _freeing(
                one.pk, one.book_id, one.source_type, one.source_id, "void", one.effective_date, at, reason
            )
            for one in held
        ],
        by=by,
    )


@unit_of_work()
def free_expired(*, by: Actor, at: datetime, most: int = 1_000) -> int:
    """Free what has expired and return how many; limits have ignored it since, so that this may run late or never."""
    found = fetch(EXPIRED, [most])
    entries = [
        _freeing(key, book_id, source_type, source_id, "expiry", at.date(), at, "")
        for key, book_id, source_type, source_id in found
    ]
    ledger.post(entries, by=by)
    return len(found)


def _pending(key: UUID) -> Entry:
    held = ledger.of_id(key)
    if not held.is_pending:
        raise NotPending(entry=str(key))
    return held


def _freeing(
    key: UUID, book_id: int, source_type: str, source_id: str, kind: str, day: date, at: datetime, reason: str
) -> Entry:
    """Return the entry without lines that resolves a pending one."""
    return Entry(
        id=entry_id(kind, key),
        book_id=book_id,
        kind=kind,
        effective_date=day,
        booked_at=at,
        lines=(),
        source_type=source_type,
        source_id=source_id,
        resolves=key,
        description=reason,
        forced=True,
    )
