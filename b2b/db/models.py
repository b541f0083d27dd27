"""Documents with a life cycle, their append-only history, and number series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F

from b2b.core.actor import Actor
from b2b.core.ids import uuid7
from b2b.core.machine import Machine
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.querysets import ScopedQuerySet
from b2b.db.transactions import require_transaction

# Why documents were moved: one reason for all of them, or one for each by its key.
Reasons = str | Mapping[UUID, str]


class NumberSeries(models.Model):
    """The last number an issuer gave to a kind of document; written by b2b.db.sequences alone."""

    kind = models.CharField(max_length=24)
    issuer_id = models.BigIntegerField()
    last_number = models.BigIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["kind", "issuer_id"], name="one_series_per_issuer"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.issuer_id}: {self.last_number}"


class StatusChange(models.Model):
    """Who moved which document from where to where, when and why; append-only.

    `parties` are the organisations that may read the row. `organization_id` and `user_id` are null when the
    platform itself acted.
    """

    document_type = models.CharField(max_length=60)
    document_id = models.UUIDField()
    verb = models.CharField(max_length=40)
    from_status = models.CharField(max_length=24, blank=True)
    to_status = models.CharField(max_length=24)
    reason = models.TextField(blank=True)
    actor_name = models.CharField(max_length=150)
    actor_kind = models.CharField(max_length=16)
    organization_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    parties = ArrayField(models.BigIntegerField(), default=list)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["document_id", "at"], name="status_change_of_document"),)

    def __str__(self) -> str:
        return f"{self.document_type} {self.document_id}: {self.verb} -> {self.to_status}"


class Document(models.Model):
    """A trade document: public UUIDv7 identity, a number, a status only services move, a version for ETags."""

    machine: ClassVar[Machine]
    tenancy: ClassVar[dict[str, Any]] = {}

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True

    status: Any

    def __str__(self) -> str:
        return self.number

    def parties(self) -> list[int]:
        """Return the organisations named on the document; they may read its history."""
        lookups: set[str] = set()
        for value in self.tenancy.values():
            lookups.update([value] if isinstance(value, str) else value)
        found = {getattr(self, name, None) for name in lookups if "__" not in name}
        return sorted(party for party in found if party is not None)

    def advance(self, verb: str, *, by: Actor, at: datetime, reason: str = "", **changes: Any) -> None:
        """Move the document by `verb`, write `changes` with it, raise its version and keep the history.

        :raises IllegalTransition: when its status does not allow the verb.
        :raises NoTransaction: outside a unit of work; the caller holds the lock.
        """
        advance_all([self], verb, by=by, at=at, reason=reason, **changes)


def advance_all(
    documents: Sequence[Document], verb: str, *, by: Actor, at: datetime, reason: Reasons = "", **changes: Any
) -> None:
    """Move documents of one model by one verb in two statements; all or none. `reason` is of all, or by key.

    :raises IllegalTransition: when any of them does not allow the verb; nothing is written.
    """
    require_transaction()
    if not documents:
        return
    model = type(documents[0])
    moves = [(document, document.status, model.machine.next(document.status, verb)) for document in documents]
    by_target: dict[str, list[Any]] = {}
    for document, _, target in moves:
        by_target.setdefault(target, []).append(document.pk)
    for target, keys in by_target.items():
        model._default_manager.filter(pk__in=keys).update(
            status=target, version=F("version") + 1, updated_at=at, **changes
        )
    record(
        ((document, verb, before, target) for document, before, target in moves), by=by, at=at, reason=reason
    )
    for document, _, target in moves:
        document.status, document.version, document.updated_at = target, document.version + 1, at
        for name, value in changes.items():
            setattr(document, name, value)


def array(keys: Iterable[int]) -> str:
    """Write whole numbers as a PostgreSQL array literal: arrays of arrays do not pass through unnest."""
    return "{" + ",".join(map(str, keys)) + "}"


def record_from(
    model: type[Document],
    verb: str,
    before: str,
    query: str,
    params: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    """Append the move of each document a query names (its columns: id, party) to the history in one statement.

    For documents that are moved by SQL of the caller's own, all from the status `before`.

    :raises IllegalTransition: when the machine does not allow `verb` from `before`; nothing is written.
    """
    after = model.machine.next(before, verb)
    execute(
        f"""
        INSERT INTO db_statuschange (document_type, document_id, verb, from_status, to_status, parties, reason,
            actor_name, actor_kind, organization_id, user_id, at)
        SELECT %(document_type)s, moved.id, %(verb)s, %(before)s, %(after)s, ARRAY[moved.party]::bigint[],
            %(reason)s, %(actor_name)s, %(actor_kind)s, %(organization_id)s, %(user_id)s, %(at)s
        FROM ({query}) moved
        """,
        {
            **params,
            "document_type": model._meta.label_lower,
            "verb": verb,
            "before": before,
            "after": after,
            "reason": reason,
            **_mover(by, at),
        },
    )


def _mover(by: Actor, at: datetime) -> dict[str, Any]:
    return {
        "actor_name": str(by)[:150],
        "actor_kind": by.kind,
        "organization_id": by.organization_id,
        "user_id": by.user_id,
        "at": at,
    }


HISTORY_COLUMNS = {
    "document_type": "text",
    "document_id": "uuid",
    "verb": "text",
    "from_status": "text",
    "to_status": "text",
    "parties": "text",
    "reason": "text",
}


def record(
    moves: Iterable[tuple[Document, str, str, str]], *, by: Actor, at: datetime, reason: Reasons = ""
) -> None:
    """Append (document, verb, from, to) moves to the history in one statement; also used at creation (from "").

    Nothing is returned from the INSERT: the actor need not be a party to what it moves.
    """
    rows = (
        (
            document._meta.label_lower,
            document.pk,
            verb,
            before,
            after,
            array(document.parties()),
            reason if isinstance(reason, str) else reason.get(document.pk, ""),
        )
        for document, verb, before, after in moves
    )
    execute(
        f"""
        INSERT INTO db_statuschange (document_type, document_id, verb, from_status, to_status, parties, reason,
            actor_name, actor_kind, organization_id, user_id, at)
        SELECT document_type, document_id, verb, from_status, to_status, parties::bigint[], reason,
            %(actor_name)s::text, %(actor_kind)s::text, %(organization_id)s::bigint, %(user_id)s::bigint,
            %(at)s::timestamptz
        FROM {unnest(HISTORY_COLUMNS)}
        """,
        {**_mover(by, at), **transpose(list(HISTORY_COLUMNS), rows)},
    )
