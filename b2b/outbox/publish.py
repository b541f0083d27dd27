"""Publish: the fact and its deliveries are written in the caller's own transaction, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from b2b.contracts.base import Event
from b2b.core import actor
from b2b.core.ids import uuid7
from b2b.db.bulk import execute, execute_bound, literal, transpose, unnest
from b2b.db.transactions import require_transaction
from b2b.outbox.registry import handlers_of

CHANNEL = "midstream_outbox"

# A notifying commit holds a lock of the whole server, so that commits would queue behind each other. The relay holds
# this advisory lock while it sleeps, and only then is it woken; a busy relay looks by itself.
SLEEP_LOCK = 7_160_311_501_884_227_042

LARGE = 100_000  # characters of a payload that travels beside the statement

EVENTS = {
    "id": "uuid",
    "topic": "text",
    "aggregate_id": "text",
    "payload": "text",
    "parties": "text",
    "occurred_at": "timestamptz",
}
ROUTES = {"route_topic": "text", "handler": "text", "queue": "text", "ordered": "boolean"}

# One round trip. Rows of one topic reach each handler of it, in the order of publication. Payloads are read once and
# kept out of everything that copies or sorts: one may be twenty megabytes.
STATEMENT = f"""
    WITH written AS (
        INSERT INTO outbox_outboxevent
            (id, topic, aggregate_id, payload, parties, actor_name, occurred_at, recorded_at)
        SELECT id, topic, aggregate_id, payload::json, parties::bigint[], %(actor_name)s, occurred_at,
            statement_timestamp()
        FROM {{facts}}
    ), delivered AS (
        INSERT INTO outbox_delivery (event_id, topic, aggregate_id, handler, queue, ordered, status,
            attempts, waits, resent, last_error, due_at, created_at)
        SELECT given.id, topic, aggregate_id, handler, queue, ordered, 'PENDING',
            0, 0, 0, '', statement_timestamp(), statement_timestamp()
        FROM unnest(%(id)s::uuid[], %(topic)s::text[], %(aggregate_id)s::text[])
            WITH ORDINALITY AS given(id, topic, aggregate_id, position)
        JOIN {unnest(ROUTES, "route")} ON route_topic = topic
        ORDER BY given.position
    )
    SELECT pg_notify('{CHANNEL}', '')
    WHERE cardinality(%(handler)s::text[]) > 0 AND NOT pg_try_advisory_xact_lock_shared({SLEEP_LOCK})
"""


def publish(*events: Event) -> None:
    """Write events and one delivery per handler, and wake the relay; one statement, whatever the number.

    :raises NoTransaction: outside a unit of work: a fact is told with what it tells of, or not at all.
    """
    require_transaction()
    if not events:
        return
    payloads = [event.to_json() for event in events]
    if len(events) == 1 and len(payloads[0]) > LARGE:
        _publish_large(events[0], payloads[0])
        return
    facts = transpose(
        list(EVENTS),
        [
            (
                uuid7(),
                event.topic,
                event.aggregate_id,
                payload,
                literal(event.parties),
                event.occurred_at,
            )
            for event, payload in zip(events, payloads, strict=True)
        ],
    )
    execute(
        STATEMENT.format(facts=unnest(EVENTS)),
        {**facts, **_routes(event.topic for event in events), "actor_name": str(actor.current())[:150]},
    )


def _publish_large(event: Event, told: str) -> None:
    """Publish one event whose payload stays by itself: in an array it would be quoted, copied and unquoted."""
    head = {name: kind for name, kind in EVENTS.items() if name != "payload"}
    row = (uuid7(), event.topic, event.aggregate_id, literal(event.parties), event.occurred_at)
    execute_bound(
        STATEMENT.format(facts=f"(SELECT *, %(payload)s::text AS payload FROM {unnest(head)}) given"),
        {
            **transpose(list(head), [row]),
            **_routes([event.topic]),
            "payload": told,
            "actor_name": str(actor.current())[:150],
        },
    )


def publish_from(kind: type[Event], ids: Mapping[str, UUID], query: str, params: Mapping[str, Any]) -> None:
    """Write events of one kind as SQL makes them, like `publish`; for facts over more rows than Python should hold.

    `ids` gives each aggregate the id of its event. The query finds them as the arrays `aggregate_id` (text) and `id`
    (uuid) and answers id, aggregate_id, payload (JSON as `Event.to_json` writes it), parties (bigint[]) and
    occurred_at. A test compares what it makes with what the contract reads.

    :raises NoTransaction: outside a unit of work.
    """
    require_transaction()
    given = transpose(["aggregate_id", "id", "topic"], ((*pair, kind.topic) for pair in ids.items()))
    execute(
        STATEMENT.format(facts=f"(SELECT made.*, '{kind.topic}' AS topic FROM ({query}) made) facts"),
        {**params, **given, **_routes([kind.topic]), "actor_name": str(actor.current())[:150]},
    )


def _routes(topics: Iterable[str]) -> dict[str, str]:
    return transpose(
        list(ROUTES),
        [
            (topic, handler.name, handler.queue, handler.ordered)
            for topic in dict.fromkeys(topics)
            for handler in handlers_of(topic)
        ],
    )
