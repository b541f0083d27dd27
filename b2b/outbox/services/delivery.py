"""What a person, or the safety net, does with deliveries."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from b2b.core.actor import Actor
from b2b.db.bulk import execute, fetch
from b2b.db.transactions import unit_of_work
from b2b.outbox.claims import KEPT_DAYS, queues
from b2b.outbox.registry import HANDLERS

log = logging.getLogger(__name__)

PRUNED_AT_ONCE = 10_000


@unit_of_work()
def retry(delivery_ids: Sequence[int] | None = None, *, by: Actor, handler: str = "", topic: str = "") -> int:
    """Let parked and waiting deliveries be tried again at once, with a clean count; return how many.

    Without ids all parked ones are meant, of a handler or a topic when given. What they held back goes on after them.
    """
    rows = fetch(
        """
        WITH again AS (
            UPDATE outbox_delivery SET status = 'PENDING', attempts = 0, waits = 0, resent = 0,
                due_at = statement_timestamp(), lease_until = NULL
            WHERE (%(ids)s::bigint[] IS NULL AND status = 'PARKED'
                OR id = ANY(%(ids)s) AND status IN ('PARKED', 'PENDING'))
            AND %(handler)s IN ('', handler) AND %(topic)s IN ('', topic)
            RETURNING id, handler, aggregate_id, ordered
        ), freed AS (
            UPDATE outbox_delivery later SET due_at = statement_timestamp()
            FROM (SELECT DISTINCT handler, aggregate_id FROM again WHERE ordered) lane
            WHERE later.handler = lane.handler AND later.aggregate_id = lane.aggregate_id AND later.ordered
            AND later.status = 'PENDING' AND later.id NOT IN (SELECT id FROM again)
        )
        SELECT id FROM again
        """,
        {
            "ids": None if delivery_ids is None else list(delivery_ids),
            "handler": handler,
            "topic": topic,
        },
    )
    if rows:
        log.info("%s deliveries are tried again by %s", len(rows), by)
    return len(rows)


@unit_of_work()
def park(delivery_ids: Sequence[int], *, by: Actor, reason: str = "") -> int:
    """Set undone deliveries aside until someone retries them; return how many. Their lanes wait with them."""
    parked = execute(
        """
        UPDATE outbox_delivery SET status = 'PARKED', lease_until = NULL,
            last_error = CASE WHEN %s = '' THEN last_error ELSE %s END
        WHERE id = ANY(%s) AND status IN ('PENDING', 'SENT')
        """,
        [reason, f"parked by {by}: {reason}"[:2000], list(delivery_ids)],
    )
    log.info("%s deliveries were parked by %s", parked, by)
    return parked


@unit_of_work()
def park_strays() -> int:
    """Park what has been due for an hour and has no handler in the code any more; return how many."""
    strays = execute(
        """
        UPDATE outbox_delivery SET status = 'PARKED', lease_until = NULL, last_error = 'no code handles this any more'
        WHERE status IN ('PENDING', 'SENT') AND due_at < statement_timestamp() - interval '1 hour'
        AND (queue <> ALL(%s) OR handler <> ALL(%s))
        """,
        [queues(), list(HANDLERS)],
    )
    if strays:
        log.error("%s deliveries have no handler and were parked", strays)
    return strays


@unit_of_work()
def forget_starts() -> int:
    """Remove what lost workers began with once all of it is done or parked; return how many batches."""
    return execute(
        """
        DELETE FROM outbox_batchstart start WHERE started_at < statement_timestamp() - interval '5 minutes'
        AND NOT EXISTS (SELECT FROM outbox_delivery
            WHERE id = ANY(start.delivery_ids) AND status IN ('PENDING', 'SENT'))
        """
    )


def prune(kept_days: int = KEPT_DAYS) -> int:
    """Delete deliveries done longer ago than that, and runs and heartbeats as old; return the deliveries deleted."""
    total = 0
    while deleted := _prune_some(kept_days):
        total += deleted
    _prune_traces(kept_days)
    return total


@unit_of_work()
def _prune_some(kept_days: int) -> int:
    return execute(
        """
        DELETE FROM outbox_delivery WHERE id IN (SELECT id FROM outbox_delivery WHERE status = 'DONE'
            AND done_at < statement_timestamp() - %s * interval '1 day' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
        """,
        [kept_days, PRUNED_AT_ONCE],
    )


@unit_of_work()
def _prune_traces(kept_days: int) -> None:
    for statement in (
        "DELETE FROM outbox_schedulerun WHERE sent_at < statement_timestamp() - %s * interval '1 day'",
        "DELETE FROM outbox_heartbeat WHERE seen_at < statement_timestamp() - %s * interval '1 day'",
    ):
        execute(statement, [kept_days])
