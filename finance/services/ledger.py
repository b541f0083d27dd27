"""Post to the ledger: one statement for any number of entries, repeatable by their ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError

from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Invalid, NotFound
from b2b.db.bulk import fetch, fetch_value_alone, fetch_value_prepared
from b2b.db.transactions import require_transaction, retried, unit_of_work
from finance.models import JournalEntry
from finance.policies.entry import Entry, Line, entry_id, first_difference, mirrored
from finance.selectors import period as periods
from finance.services.posting_values import POST, POST_ONE, columns, values


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


POSTED: Final = "posted"
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

    A document keeps its own date, and what was posted before keeps the day it was given then. One statement more than
    `post`, whatever the number, and another one when days are closed; raises what `post` does.
    """
    days = {(entry.book_id, entry.effective_date) for entry in entries}
    opened = periods.first_open_dates(days) if days else {}
    late = [one.id for one in entries if opened[one.book_id, one.effective_date] != one.effective_date]
    given = dict(JournalEntry.objects.filter(pk__in=late).values_list("pk", "effective_date")) if late else {}
    moved = [
        replace(one, effective_date=given.get(one.id, opened[one.book_id, one.effective_date]))
        for one in entries
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

    `beside` is a change of other rows, with `params`, to be made in the same statement. What was posted before gives
    the same answer after its period or its account was closed.

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
    with _explained():
        if len(entries) == 1 and not beside and _undoes_nothing(entries[0]):
            found = fetch_value_prepared(f"SELECT {POST_ONE}", values(entries[0], _name(by)))
            outcomes = {} if found == POSTED else {entries[0].id: found}
        else:
            statement = (
                f"WITH posted AS ({POST}), beside AS ({beside}) SELECT * FROM posted" if beside else POST
            )
            outcomes = dict(fetch(statement, {**columns(entries), "actor": _name(by), **(params or {})}))
    if outcomes:
        _refuse(entries, outcomes)
    return {entry.id: entry.id not in outcomes for entry in entries}


def post_alone(entry: Entry, *, by: Actor) -> bool:
    """Post one entry and commit it, in one round trip; return whether it is new. In a unit of work it joins that.

    For whoever has nothing else to write. Raises what `post` does, but never NoTransaction.
    """
    if not _undoes_nothing(entry) or entry.balance():
        return unit_of_work()(post)([entry], by=by)[entry.id]
    with _explained():
        outcome = retried(lambda: fetch_value_alone(POST_ONE, values(entry, _name(by))))
    if outcome != POSTED:
        _refuse([entry], {entry.id: outcome})
    return bool(outcome == POSTED)


def _undoes_nothing(entry: Entry) -> bool:
    return entry.resolves is None and entry.reverses is None


def _name(actor: Actor) -> str:
    return str(actor)[:150]


@contextmanager
def _explained() -> Iterator[None]:
    """Say in our words what the database refused."""
    try:
        yield
    except DatabaseError as error:
        refusal = REFUSALS.get(getattr(error.__cause__, "sqlstate", ""))
        if refusal is None:
            raise
        raise refusal(str(error).split("\n")[0]) from error


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


@dataclass(frozen=True, slots=True)
class Undoing:
    """An entry that is to be reversed: on the first open day from `effective_date` on, and why."""

    key: UUID
    effective_date: date
    reason: str = ""


def reverse(key: UUID, *, effective_date: date, by: Actor, at: datetime, reason: str = "") -> UUID:
    """Undo a posted entry by its mirror image and return the id of that; see `reverse_all`."""
    return reverse_all([Undoing(key, effective_date, reason)], by=by, at=at)[0]


@unit_of_work()
def reverse_all(undoings: Sequence[Undoing], *, by: Actor, at: datetime) -> list[UUID]:
    """Undo posted entries by their mirror images and return the ids of these; twice is the same as once.

    All or none, by as many statements whatever their number.

    :raises NotFound: when there is no such entry. :raises NotPending: for a pending entry, which is resolved instead.
    """
    found = JournalEntry.objects.prefetch_related("lines").in_bulk([one.key for one in undoings])
    missing = [one.key for one in undoings if one.key not in found]
    if missing:
        raise NotFound(f"there is no journal entry {missing[0]}")
    originals = [as_posted(found[one.key]) for one in undoings]
    for original in originals:
        if original.is_pending:
            raise NotPending("a pending entry is resolved, not reversed", entry=str(original.id))
    days = [(original.book_id, one.effective_date) for original, one in zip(originals, undoings, strict=True)]
    opened = periods.first_open_dates(set(days))
    mirrors = [
        Entry(
            id=entry_id("reversal", original.id),
            book_id=original.book_id,
            kind="reversal",
            effective_date=opened[day],
            booked_at=at,
            lines=mirrored(original.lines),
            source_type=original.source_type,
            source_id=original.source_id,
            reverses=original.id,
            description=one.reason,
            forced=True,
        )
        for original, day, one in zip(originals, days, undoings, strict=True)
    ]
    keys = [mirror.id for mirror in mirrors]
    known = set(JournalEntry.objects.filter(pk__in=keys).values_list("pk", flat=True))
    post([mirror for mirror in mirrors if mirror.id not in known], by=by)
    return keys
