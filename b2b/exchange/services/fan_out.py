"""From the events of the platform to a message for each address that listens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from b2b.core.ids import uuid7
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.transactions import unit_of_work
from b2b.exchange.policies.topics import TEST
from b2b.exchange.selectors import feed

BATCH: Final = 500
LARGEST_BODY: Final = 20_000  # bytes; what is larger is fetched by its receiver

# One process at a time; whoever comes second has nothing to do. Like the feed, it stops below what may still commit.
HELD = "SELECT xid, event_id FROM exchange_fanout FOR UPDATE SKIP LOCKED"
NEWEST = """
    SELECT xid, id FROM outbox_outboxevent
    WHERE (xid, id) > (%(xid)s, %(event_id)s)
        AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    ORDER BY xid, id LIMIT %(limit)s
"""
LISTENING = """
    WITH part AS MATERIALIZED (
        SELECT xid, id, topic, aggregate_id, occurred_at, recorded_at, parties, payload FROM outbox_outboxevent
        WHERE (xid, id) > (%(xid)s, %(event_id)s) AND (xid, id) <= (%(to_xid)s, %(to_id)s)
    )
    SELECT part.id, part.topic, part.aggregate_id, part.occurred_at,
        CASE WHEN octet_length(part.payload::text) <= %(largest)s THEN part.payload END, found.listeners
    FROM part CROSS JOIN LATERAL (
        SELECT array_agg(subscription.id ORDER BY subscription.id) AS listeners
        FROM exchange_webhooksubscription subscription
        JOIN directory_organization organization ON organization.id = subscription.organization_id
            AND (organization.kind = 'operator' OR organization.id = ANY(part.parties))
        WHERE subscription.status IN ('ACTIVE', 'PAUSED') AND subscription.since_at <= part.recorded_at
            AND (subscription.topics = '{}' OR part.topic = ANY(subscription.topics))
    ) found
    WHERE found.listeners IS NOT NULL
    ORDER BY part.xid, part.id
"""
# Nobody listens: what has been told by now concerns nobody.
SKIP = """
    UPDATE exchange_fanout SET xid = pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1,
        event_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    WHERE NOT EXISTS (SELECT FROM exchange_webhooksubscription WHERE status IN ('ACTIVE', 'PAUSED'))
"""
MOVE = "UPDATE exchange_fanout SET xid = %s, event_id = %s"

COLUMNS: Final = {
    "id": "uuid",
    "subscription_id": "uuid",
    "event_id": "uuid",
    "topic": "text",
    "subject": "text",
    "body": "text",
}
# Subscriptions are locked in key order; what has a message already keeps it and its number.
WRITE = f"""
    WITH given AS (
        SELECT * FROM {unnest(COLUMNS)}
    ), held AS (
        SELECT id, organization_id, last_sequence FROM exchange_webhooksubscription
        WHERE id IN (SELECT subscription_id FROM given) ORDER BY id FOR NO KEY UPDATE
    ), fresh AS (
        SELECT given.*, held.organization_id, held.last_sequence
            + row_number() OVER (PARTITION BY subscription_id ORDER BY given.id) AS sequence
        FROM given JOIN held ON held.id = subscription_id
        WHERE NOT EXISTS (
            SELECT FROM exchange_webhookmessage known
            WHERE known.subscription_id = given.subscription_id AND known.event_id = given.event_id)
    ), written AS (
        INSERT INTO exchange_webhookmessage
            (id, subscription_id, organization_id, event_id, sequence, topic, subject, body, status, attempts, due_at,
            last_error, created_at)
        SELECT id, subscription_id, organization_id, event_id, sequence, topic, subject, body, 'PENDING', 0, %(at)s,
            '', %(at)s
        FROM fresh
        RETURNING subscription_id, sequence
    )
    UPDATE exchange_webhooksubscription subscription SET last_sequence = newest
    FROM (SELECT subscription_id, max(sequence) AS newest FROM written GROUP BY subscription_id) last
    WHERE subscription.id = last.subscription_id
"""


@unit_of_work()
def spread(*, at: datetime, limit: int = BATCH) -> int:
    """Write the next events as messages of those who listen; return how many events were looked at.

    Constant statements, whatever the events and the listeners; none are lost to a late commit, and none written twice.
    """
    place = fetch(HELD)
    if not place:
        return 0
    if execute(SKIP):
        return 0
    xid, event_id = place[0]
    newest = fetch(NEWEST, {"xid": xid, "event_id": event_id, "limit": limit})
    if not newest:
        return 0
    to_xid, to_id = newest[-1]
    span = {"xid": xid, "event_id": event_id, "to_xid": to_xid, "to_id": to_id, "largest": LARGEST_BODY}
    rows = fetch(LISTENING, span)
    write(
        ((subscription, row) for row in rows for subscription in row[5]),
        dict(zip((row[0] for row in rows), bodies(rows), strict=True)),
        at=at,
    )
    execute(MOVE, [to_xid, to_id])
    return len(newest)


def bodies(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Return the text that is sent for each row (id, topic, aggregate, moment, payload, ...)."""
    return [written(event) for event in feed.envelopes([row[:5] for row in rows])]


def written(event: dict[str, Any]) -> str:
    """Write an event once; every attempt and every replay sends the same bytes."""
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) <= LARGEST_BODY or "data" not in event:
        return text
    slim = {name: value for name, value in event.items() if name not in ("data", "datacontenttype")}
    return written({**slim, "dataref": f"/api/v1/events/{event['id']}/"})


def write(pairs: Iterable[tuple[UUID, tuple[Any, ...]]], texts: dict[UUID, str], *, at: datetime) -> None:
    """Write messages for pairs of a subscription and a row (id, topic, aggregate, ...), in that order."""
    given = [(uuid7(), subscription, row[0], row[1], row[2], texts[row[0]]) for subscription, row in pairs]
    if given:
        execute(WRITE, {**transpose(list(COLUMNS), given), "at": at})


@unit_of_work()
def send_test(subscription_id: UUID, *, at: datetime) -> UUID:
    """Write a message that says nothing but that the address works; return its event id."""
    event_id = uuid7()
    row = (event_id, TEST, str(subscription_id), at, {"message": "It works."})
    write([(subscription_id, row)], {event_id: bodies([row])[0]}, at=at)
    return event_id
