"""Publish: the fact and its deliveries are written in the caller's own transaction, or not at all."""

from __future__ import annotations

from b2b.contracts.base import Event
from b2b.core import actor
from b2b.core.ids import uuid7
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.transactions import require_transaction
from b2b.outbox.registry import handlers_of

CHANNEL = "midstream_outbox"

EVENT_COLUMNS = {
    "id": "uuid",
    "topic": "text",
    "aggregate_id": "text",
    "payload": "jsonb",
    "parties": "text",
    "actor_name": "text",
    "occurred_at": "timestamptz",
}
DELIVERY_COLUMNS = {
    "event_id": "uuid",
    "topic": "text",
    "aggregate_id": "text",
    "handler": "text",
    "queue": "text",
    "ordered": "boolean",
}


def publish(*events: Event) -> None:
    """Write events and one delivery per handler; two statements and a wake-up, whatever the number.

    :raises NoTransaction: outside a unit of work: a fact is told with what it tells of, or not at all.
    """
    require_transaction()
    if not events:
        return
    name = str(actor.current())[:150]
    rows, deliveries = [], []
    for event in events:
        key = uuid7()
        parties = "{" + ",".join(map(str, event.parties)) + "}"
        rows.append((key, event.topic, event.aggregate_id, event.to_json(), parties, name, event.occurred_at))
        deliveries += [
            (key, event.topic, event.aggregate_id, handler.name, handler.queue, handler.ordered)
            for handler in handlers_of(event.topic)
        ]
    execute(
        f"""
        INSERT INTO outbox_outboxevent (id, topic, aggregate_id, payload, parties, actor_name, occurred_at)
        SELECT id, topic, aggregate_id, payload, parties::bigint[], actor_name, occurred_at
        FROM {unnest(EVENT_COLUMNS)}
        """,
        transpose(list(EVENT_COLUMNS), rows),
    )
    if deliveries:
        execute(
            f"""
            INSERT INTO outbox_delivery
                (event_id, topic, aggregate_id, handler, queue, ordered, status, attempts, last_error)
            SELECT event_id, topic, aggregate_id, handler, queue, ordered, 'PENDING', 0, ''
            FROM {unnest(DELIVERY_COLUMNS)}
            """,
            transpose(list(DELIVERY_COLUMNS), deliveries),
        )
        execute("SELECT pg_notify(%s, '')", [CHANNEL])
