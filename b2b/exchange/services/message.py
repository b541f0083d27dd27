"""Messages on their way: who may send them now, what came of it, and sending them again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import Invalid, NotFound
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from b2b.exchange.models import WebhookMessage, WebhookSubscription
from b2b.exchange.policies.redelivery import lane_pause
from b2b.exchange.services import fan_out, key_box
from b2b.exchange.services.subscription import require_manager

LEASE: Final = timedelta(minutes=2)
AT_ONCE: Final = 20  # messages of one address that are taken together
MOST_REPLAYED: Final = 10_000
DISABLED_AFTER: Final = timedelta(days=5)
KEPT_DAYS: Final = 90


class TooMany(Invalid):
    """That span holds too many events; ask for a shorter one."""

    code = "too_many_events"


@dataclass(frozen=True, slots=True)
class Due:
    """A message to be sent; `attempts` have been made before."""

    id: UUID
    sequence: int
    body: str
    attempts: int


@dataclass(slots=True)
class Lane:
    """What is due for one address, in order, and the keys that sign it."""

    subscription_id: UUID
    url: str
    keys: list[str]
    messages: list[Due] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt; `due_at` None unless it is made again."""

    message_id: UUID
    at: datetime
    status_code: int
    duration_ms: int
    said: str
    verdict: str
    due_at: datetime | None


# An address is somebody's own for the time of a lease, so that its messages go out in order and one after the other.
CLAIM = """
    UPDATE exchange_webhooksubscription SET lease_until = %(at)s + %(lease)s
    WHERE id IN (
        SELECT id FROM exchange_webhooksubscription subscription
        WHERE status = 'ACTIVE' AND free_at <= %(at)s AND (lease_until IS NULL OR lease_until < %(at)s)
            AND EXISTS (
                SELECT FROM exchange_webhookmessage message
                WHERE message.subscription_id = subscription.id AND message.status = 'PENDING'
                    AND message.due_at <= %(at)s)
        ORDER BY free_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
    )
    RETURNING id, url
"""
KEYS = """
    SELECT subscription_id, sealed FROM exchange_webhookkey
    WHERE subscription_id = ANY(%(ids)s) AND (expires_at IS NULL OR expires_at > %(at)s)
    ORDER BY expires_at NULLS FIRST
"""
MESSAGES = """
    SELECT lane.id, message.id, message.sequence, message.body, message.attempts
    FROM unnest(%(ids)s::uuid[]) lane (id) CROSS JOIN LATERAL (
        SELECT * FROM exchange_webhookmessage
        WHERE subscription_id = lane.id AND status = 'PENDING' AND due_at <= %(at)s
        ORDER BY sequence LIMIT %(most)s
    ) message
    ORDER BY lane.id, message.sequence
"""


@unit_of_work()
def claim(*, at: datetime, limit: int) -> list[Lane]:
    """Take up to `limit` addresses with what is due for them; three statements."""
    taken = fetch(CLAIM, {"at": at, "lease": LEASE, "limit": limit})
    if not taken:
        return []
    ids = [key for key, _ in taken]
    keys: dict[UUID, list[str]] = defaultdict(list)
    for key, sealed in fetch(KEYS, {"ids": ids, "at": at}):
        keys[key].append(key_box.unseal(sealed))
    lanes = {key: Lane(key, url, keys[key]) for key, url in taken}
    for key, *message in fetch(MESSAGES, {"ids": ids, "at": at, "most": AT_ONCE}):
        lanes[key].messages.append(Due(*message))
    return list(lanes.values())


OUTCOME: Final = {
    "message_id": "uuid",
    "at": "timestamptz",
    "status_code": "smallint",
    "duration_ms": "integer",
    "said": "text",
    "verdict": "text",
    "due_at": "timestamptz",
}
RECORD = f"""
    WITH given AS (SELECT * FROM {unnest(OUTCOME)}), noted AS (
        INSERT INTO exchange_webhookattempt (message_id, organization_id, at, status_code, duration_ms, said)
        SELECT message_id, organization_id, at, status_code, duration_ms, said
        FROM given JOIN exchange_webhookmessage message ON message.id = message_id
    )
    UPDATE exchange_webhookmessage message
    SET attempts = attempts + 1,
        status = CASE verdict WHEN 'taken' THEN 'TAKEN' WHEN 'dead' THEN 'DEAD' ELSE 'PENDING' END,
        taken_at = CASE verdict WHEN 'taken' THEN at END,
        due_at = COALESCE(given.due_at, message.due_at),
        last_error = CASE verdict WHEN 'taken' THEN '' ELSE said END
    FROM given WHERE message.id = given.message_id
"""


@unit_of_work()
def record(lane: Lane, outcomes: Sequence[Outcome], *, by: Actor, at: datetime) -> None:
    """Keep what came of a lane's attempts and free its address; one that only fails rests, and in the end is disabled.

    Outcomes are those of one sender in order, and it stopped at the first that failed.
    """
    [held] = lock(WebhookSubscription.objects.filter(pk=lane.subscription_id))
    if outcomes:
        execute(
            RECORD,
            transpose(list(OUTCOME), ([getattr(outcome, name) for name in OUTCOME] for outcome in outcomes)),
        )
    last = outcomes[-1] if outcomes else None
    if last is None:
        changes: dict[str, object] = {}
    elif last.verdict == "taken":
        changes = {"failures": 0, "failing_since": None}
    else:
        failures = 1 if len(outcomes) > 1 else held.failures + 1
        since = held.failing_since if held.failing_since and len(outcomes) == 1 else last.at
        changes = {"failures": failures, "failing_since": since, "free_at": at + lane_pause(failures)}
    for name, value in {**changes, "lease_until": None}.items():
        setattr(held, name, value)
    held.save(update_fields=[*changes, "lease_until"])
    reason = _why_it_ends(held, last, at)
    if reason and held.machine.allows(held.status, "disable"):
        held.advance("disable", by=by, at=at, reason=reason)


def _why_it_ends(held: WebhookSubscription, last: Outcome | None, at: datetime) -> str:
    if last is not None and last.verdict == "ended":
        return "the receiver answered 410 Gone"
    if held.failing_since and at - held.failing_since > DISABLED_AFTER:
        return f"nothing was delivered for {DISABLED_AFTER.days} days"
    return ""


@unit_of_work()
def replay(message_id: UUID, *, by: Actor, at: datetime) -> WebhookMessage:
    """Send a message again from now on, with the same id and body; its receiver may know it already.

    :raises NotFound: when the actor sees no such message. :raises NotManager: when it may not manage webhooks.
    """
    found = lock(WebhookMessage.objects.visible_to(by).filter(pk=message_id))
    if not found:
        raise NotFound
    [message] = found
    require_manager(by, message.organization_id)
    message.status, message.attempts, message.due_at = "PENDING", 0, at
    message.save(update_fields=["status", "attempts", "due_at"])
    return message


# Every event that the address would be told today, whether or not it was told it then.
SPAN = """
    SELECT event.id, event.topic, event.aggregate_id, event.occurred_at,
        CASE WHEN octet_length(event.payload::text) <= %(largest)s THEN event.payload END
    FROM outbox_outboxevent event
    WHERE event.recorded_at >= %(since)s AND event.recorded_at < %(until)s
        AND event.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        AND (%(sees_all)s OR %(organization)s = ANY(event.parties))
        AND (%(topics)s::text[] = '{}' OR event.topic = ANY(%(topics)s))
    ORDER BY event.xid, event.id LIMIT %(most)s
"""
AGAIN = """
    UPDATE exchange_webhookmessage SET status = 'PENDING', attempts = 0, due_at = %(at)s
    WHERE subscription_id = %(subscription)s AND event_id = ANY(%(events)s)
"""


@unit_of_work()
def replay_span(subscription_id: UUID, *, since: datetime, until: datetime, by: Actor, at: datetime) -> int:
    """Send every event recorded in [since, until) again, also those from before the subscription; return how many.

    :raises NotFound: when the actor sees no such subscription. :raises NotManager: when it may not manage webhooks.
    :raises TooMany: for more than MOST_REPLAYED events; nothing is sent.
    """
    held = (
        WebhookSubscription.objects.visible_to(by).select_related("organization").filter(pk=subscription_id)
    )
    subscription = held.first()
    if subscription is None:
        raise NotFound
    require_manager(by, subscription.organization_id)
    span = {
        "since": since,
        "until": until,
        "sees_all": subscription.organization.kind == "operator",
        "organization": subscription.organization_id,
        "topics": subscription.topics,
        "largest": fan_out.LARGEST_BODY,
        "most": MOST_REPLAYED + 1,
    }
    rows = fetch(SPAN, span)
    if len(rows) > MOST_REPLAYED:
        raise TooMany(f"that span holds more than {MOST_REPLAYED} events; ask for a shorter one")
    execute(AGAIN, {"at": at, "subscription": subscription_id, "events": [row[0] for row in rows]})
    texts = dict(zip((row[0] for row in rows), fan_out.bodies(rows), strict=True))
    fan_out.write(((subscription_id, row) for row in rows), texts, at=at)
    return len(rows)


def prune(*, at: datetime) -> int:
    """Remove what was delivered or given up long ago, ten thousand messages at a time; return how many."""
    removed = 0
    while True:
        old = WebhookMessage.objects.filter(
            created_at__lt=at - timedelta(days=KEPT_DAYS), status__in=("TAKEN", "DEAD")
        ).values("pk")[:10_000]
        count, _ = WebhookMessage.objects.filter(pk__in=old).delete()
        removed += count
        if not count:
            return removed
