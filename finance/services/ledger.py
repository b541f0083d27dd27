"""Post to the ledger: one statement for any number of entries, repeatable by their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError

from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Invalid, NotFound
from b2b.db.bulk import fetch, transpose
from b2b.db.transactions import require_transaction, unit_of_work
from finance.models import JournalEntry
from finance.policies.entry import Entry, Line, entry_id, first_difference, mirrored
from finance.selectors import period as periods

ENTRY_COLUMNS: Final = {
    "ids": "uuid",
    "books": "bigint",
    "kinds": "text",
    "pendings": "boolean",
    "forced": "boolean",
    "effectives": "date",
    "bookeds": "timestamptz",
    "expiries": "timestamptz",
    "source_types": "text",
    "source_ids": "text",
    "reversed": "uuid",
    "resolved": "uuid",
    "line_counts": "int",
    "descriptions": "text",
    "hashes": "text",
}
LINE_COLUMNS: Final = {
    "line_places": "int",
    "line_numbers": "int",
    "line_accounts": "bigint",
    "line_amounts": "bigint",
    "line_dimensions": "text",
}
POST: Final = "SELECT refused_id, outcome FROM finance_post({entries}, %(actor)s::text, {lines})".format(
    entries=", ".join(f"%({name})s::{kind}[]" for name, kind in ENTRY_COLUMNS.items()),
    lines=", ".join(f"%({name})s::{kind}[]" for name, kind in LINE_COLUMNS.items()),
)


class Unbalanced(Invalid):
    """The lines of an entry do not sum to zero."""

    code = "unbalanced_entry"


class EntryConflict(DomainError):
    """An entry of this id was posted before with another content."""

    code = "entry_conflict"


class AlreadyResolved(DomainError):
    """The entry was resolved or reversed before; that can happen once only."""

    code = "already_resolved"


class NotPending(DomainError):
    """Only a pending entry of the same book that has not expired can be resolved."""

    code = "not_pending"


class LimitPassed(DomainError):
    """The entry would move an account past its limit."""

    code = "limit_passed"


class PartTooLarge(DomainError):
    """An entry that resolves a pending one would post more than was pending."""

    code = "part_too_large"


class PeriodClosed(DomainError):
    """The entry would become effective in a period that is closed; later days are open."""

    code = "period_closed"


class AccountClosed(DomainError):
    """The account is closed and takes no entries."""

    code = "account_closed"


# What the database says, by its SQLSTATE.
REFUSALS: Final[dict[str, type[DomainError]]] = {
    "MS001": LimitPassed,
    "MS002": PeriodClosed,
    "MS003": AccountClosed,
    "23514": Unbalanced,
}
OUTCOMES: Final[dict[str, type[DomainError]]] = {
    "taken": AlreadyResolved,
    "unresolvable": NotPending,
    "exceeding": PartTooLarge,
}


def post_late(entries: Sequence[Entry], *, by: Actor) -> dict[UUID, bool]:
    """Post facts that may come late: what falls on days that are closed becomes effective on the first open one after.

    A document keeps its own date. One statement more than `post`, whatever the number; raises what `post` does.
    """
    days = {(entry.book_id, entry.effective_date) for entry in entries}
    opened = periods.first_open_dates(days) if days else {}
    moved = [
        replace(entry, effective_date=opened[entry.book_id, entry.effective_date])
        if opened[entry.book_id, entry.effective_date] != entry.effective_date
        else entry
        for entry in entries
    ]
    return post(moved, by=by)


def post(
    entries: Sequence[Entry],
    *,
    by: Actor,
    beside: str = "",
    params: Mapping[str, Any] | None = None,
) -> dict[UUID, bool]:
    """Post all entries or none; return for each id whether it is new (False: the same was posted before).

    `beside` is a change of other rows, with `params`, to be made in the same statement.

    :raises Unbalanced: when lines do not sum to zero. :raises EntryConflict: same id, other content, naming the field.
    :raises AlreadyResolved: when another entry did it first. :raises NotPending: when there is nothing to resolve.
    :raises PartTooLarge: when more would be posted than was pending. :raises LimitPassed: when an account would leave
    its limits. :raises PeriodClosed: when the effective date is closed. :raises AccountClosed: when an account is.
    :raises NoTransaction: outside a unit of work.
    """
    require_transaction()
    if not entries:
        return {}
    if len({entry.id for entry in entries}) != len(entries):
        raise Invalid("one batch holds two entries of the same id")
    for entry in entries:
        if entry.balance():
            raise Unbalanced(f"{entry.kind} is {entry.balance()} off zero", entry=str(entry.id))
    try:
        statement = f"WITH posted AS ({POST}), beside AS ({beside}) SELECT * FROM posted" if beside else POST
        values = {**columns(entries), "actor": str(by)[:150], **(params or {})}
        outcomes: dict[UUID, str] = dict(fetch(statement, values))
    except DatabaseError as error:
        refusal = REFUSALS.get(getattr(error.__cause__, "sqlstate", ""))
        if refusal is None:
            raise
        raise refusal(str(error).split("\n")[0]) from error
    if outcomes:
        _refuse(entries, outcomes)
    return {entry.id: entry.id not in outcomes for entry in entries}


def columns(entries: Sequence[Entry]) -> dict[str, str]:
    """Return entries and lines as the arrays that `POST` takes."""
    heads = transpose(
        list(ENTRY_COLUMNS),
        (
            (
                entry.id,
                entry.book_id,
                entry.kind,
                entry.is_pending,
                entry.forced,
                entry.effective_date,
                entry.booked_at,
                entry.expires_at,
                entry.source_type,
                entry.source_id,
                entry.reverses,
                entry.resolves,
                len(entry.lines),
                entry.description[:200],
                entry.body_hash(),
            )
            for entry in entries
        ),
    )
    lines = transpose(
        list(LINE_COLUMNS),
        (
            (place, number, line.account_id, line.amount, line.dimension)
            for place, entry in enumerate(entries, 1)
            for number, line in enumerate(entry.lines, 1)
        ),
    )
    return {**heads, **lines}


def _refuse(entries: Sequence[Entry], outcomes: dict[UUID, str]) -> None:
    for entry in entries:
        outcome = outcomes.get(entry.id)
        if outcome == "conflict":
            field = first_difference(entry.body(), _posted_body(entry.id))
            raise EntryConflict(
                f"entry {entry.id} was posted before with another {field}", entry=str(entry.id), field=field
            )
        if outcome in OUTCOMES:
            raise OUTCOMES[outcome](entry=str(entry.id), of=str(entry.resolves or entry.reverses))


def _posted_body(key: UUID) -> dict[str, object]:
    return of_id(key).body()


def of_id(key: UUID) -> Entry:
    """Return an entry as it was posted.

    :raises NotFound: when there is none.
    """
    found = JournalEntry.objects.prefetch_related("lines").filter(pk=key).first()
    if found is None:
        raise NotFound(f"there is no journal entry {key}")
    return as_posted(found)


def as_posted(posted: JournalEntry) -> Entry:
    """Return the value that a row and its lines were posted from; neither description nor expiry is part of it."""
    lines = sorted(posted.lines.all(), key=lambda line: line.line_number)
    return Entry(
        id=posted.pk,
        book_id=posted.book_id,
        kind=posted.kind,
        effective_date=posted.effective_date,
        booked_at=posted.booked_at,
        lines=tuple(Line(line.account_id, line.amount, line.dimension) for line in lines),
        is_pending=posted.is_pending,
        source_type=posted.source_type,
        source_id=posted.source_id,
        reverses=posted.reverses_id,
        resolves=posted.resolves_id,
    )


@unit_of_work()
def reverse(key: UUID, *, effective_date: date, by: Actor, at: datetime, reason: str = "") -> UUID:
    """Undo a posted entry by its mirror image and return the id of that; twice is the same as once.

    The mirror image becomes effective on the first day from `effective_date` on that is open.

    :raises NotFound: when there is no such entry. :raises NotPending: for a pending entry, which is resolved instead.
    """
    original = of_id(key)
    if original.is_pending:
        raise NotPending("a pending entry is resolved, not reversed", entry=str(key))
    mirror = Entry(
        id=entry_id("reversal", key),
        book_id=original.book_id,
        kind="reversal",
        effective_date=periods.first_open_date(original.book_id, effective_date),
        booked_at=at,
        lines=mirrored(original.lines),
        source_type=original.source_type,
        source_id=original.source_id,
        reverses=key,
        description=reason,
        forced=True,
    )
    if not JournalEntry.objects.filter(pk=mirror.id).exists():
        post([mirror], by=by)
    return mirror.id
