"""Who may work on which delivery now: leases, lanes, back-off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.conf import settings

from b2b.core.errors import NotYet
from b2b.db.bulk import execute, fetch
from b2b.db.transactions import Busy, unit_of_work
from b2b.outbox.registry import HANDLERS

IN_FLIGHT_PER_QUEUE = 4_000
PARKED_AFTER_ATTEMPTS = 8
PARKED_AFTER_WAITS = 100
KEPT_DAYS = 30  # done deliveries are removed after that; events stay

# The delivery before this one in its lane that has had no effect yet. The nearest before it in the order of the partial
# index is found by one probe, however many wait and in however few lanes; then it is of the lane or there is none.
PREVIOUS = """
    SELECT near.id, near.status, near.due_at FROM (
        SELECT earlier.id, earlier.status, earlier.due_at, earlier.handler, earlier.aggregate_id
        FROM outbox_delivery earlier WHERE earlier.ordered AND earlier.status <> 'DONE'
        AND (earlier.handler, earlier.aggregate_id, earlier.id) < ({row}.handler, {row}.aggregate_id, {row}.id)
        ORDER BY earlier.handler DESC, earlier.aggregate_id DESC, earlier.id DESC LIMIT 1) near
    WHERE near.handler = {row}.handler AND near.aggregate_id = {row}.aggregate_id
"""

# How long a delivery waits for the one before it. Who has done that one calls it (`call_next`) or takes it along, so
# that the times are but a safety net for a call that met a claim half-way.
HOLD = """
    CASE previous.status WHEN 'PARKED' THEN statement_timestamp() + interval '5 minutes'
    WHEN 'SENT' THEN statement_timestamp() + interval '1 second'
    ELSE greatest(previous.due_at, statement_timestamp() + interval '5 seconds') END
"""
RUN = 100  # deliveries of one lane that are taken along with those that are due

# The planner cannot know how few rows a claim takes, and would read the whole table to join them.
BY_KEY = """
    SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
        set_config('enable_seqscan', 'off', true)
"""

CLAIM = f"""
    WITH room AS (
        SELECT queue, least(%(limit)s, %(in_flight)s - (
            SELECT count(*) FROM outbox_delivery sent WHERE sent.status = 'SENT' AND sent.queue = listed.queue
            AND sent.lease_until >= statement_timestamp())) AS free
        FROM unnest(%(queues)s::text[]) AS listed(queue)
    ), candidate AS MATERIALIZED (
        SELECT waiting.* FROM room CROSS JOIN LATERAL (
            SELECT id, handler, aggregate_id, ordered FROM outbox_delivery
            WHERE status = 'PENDING' AND queue = room.queue AND due_at <= statement_timestamp()
            ORDER BY due_at, id LIMIT greatest(room.free, 0) FOR UPDATE SKIP LOCKED) waiting
        UNION ALL
        SELECT lost.* FROM room CROSS JOIN LATERAL (
            SELECT id, handler, aggregate_id, ordered FROM outbox_delivery
            WHERE status = 'SENT' AND queue = room.queue AND lease_until < statement_timestamp()
            ORDER BY lease_until, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED) lost
    ), probed AS (
        SELECT candidate.id, candidate.handler, candidate.aggregate_id, candidate.ordered,
            candidate.ordered AND previous.id IS DISTINCT FROM lag(candidate.id) OVER lane AS broken,
            {HOLD} AS hold_until
        FROM candidate LEFT JOIN LATERAL ({PREVIOUS.format(row="candidate")}) previous ON candidate.ordered
        WINDOW lane AS (PARTITION BY candidate.ordered, candidate.handler, candidate.aggregate_id ORDER BY candidate.id)
    ), judged AS MATERIALIZED (
        SELECT id, handler, aggregate_id, ordered, bool_or(broken) OVER lane AS held,
            max(hold_until) FILTER (WHERE broken) OVER lane AS hold_until
        FROM probed WINDOW lane AS (PARTITION BY ordered, handler, aggregate_id ORDER BY id)
    ), along AS (
        SELECT later.id FROM (
            SELECT handler, aggregate_id, max(id) AS last FROM judged
            WHERE ordered GROUP BY handler, aggregate_id HAVING NOT bool_or(held)) lane
        CROSS JOIN LATERAL (
            SELECT id, status, attempts + waits AS stumbles FROM outbox_delivery
            WHERE ordered AND status <> 'DONE' AND handler = lane.handler AND aggregate_id = lane.aggregate_id
                AND id > lane.last
            ORDER BY handler, aggregate_id, id LIMIT {RUN} FOR UPDATE SKIP LOCKED) later
        WHERE later.status = 'PENDING' AND later.stumbles = 0 LIMIT %(limit)s
    ), decided AS (
        SELECT id, held, hold_until FROM judged UNION ALL SELECT id, false, NULL FROM along
    )
    UPDATE outbox_delivery delivery SET
        status = CASE WHEN held THEN 'PENDING' ELSE 'SENT' END,
        resent = least(resent + CASE WHEN status = 'SENT' THEN 1 ELSE 0 END, 9999),
        due_at = CASE WHEN held THEN hold_until ELSE delivery.due_at END,
        lease_until = CASE WHEN NOT held THEN statement_timestamp() + %(lease)s * interval '1 second' END
    FROM decided WHERE decided.id = delivery.id
    RETURNING delivery.id, delivery.queue, delivery.handler, delivery.aggregate_id, delivery.ordered, held
"""


class Claimed(NamedTuple):
    """A delivery leased to the caller; `lane` is what must stay together and in order, empty for none."""

    id: int
    queue: str
    lane: str


def queues() -> list[str]:
    """Return the queues that have handlers."""
    return sorted({handler.queue for handler in HANDLERS.values()})


@unit_of_work()
def claim(limit: int = 500, *, in_flight: int = IN_FLIGHT_PER_QUEUE) -> list[Claimed]:
    """Lease due deliveries, up to `limit` a queue, to the caller and return them in order; what is claimed is skipped.

    A queue with `in_flight` leased deliveries gets no more, so that a slow one neither floods the broker nor delays
    the others. Of a lane only an unbroken run from its first undone delivery is taken, and what follows it; the rest
    is held back.
    """
    lease = settings.OUTBOX_LEASE_SECONDS
    fetch(BY_KEY)
    rows = fetch(CLAIM, {"limit": limit, "in_flight": in_flight, "queues": queues(), "lease": lease})
    return sorted(
        Claimed(key, queue, f"{handler} {aggregate}" if ordered else "")
        for key, queue, handler, aggregate, ordered, held in rows
        if not held
    )


@unit_of_work()
def release(delivery_ids: Iterable[int]) -> None:
    """Give leases back, as when the broker took nothing."""
    execute(
        """
        UPDATE outbox_delivery SET status = 'PENDING', lease_until = NULL, due_at = statement_timestamp()
        WHERE id = ANY(%s) AND status = 'SENT'
        """,
        [list(delivery_ids)],
    )


def hold(delivery_ids: Sequence[int]) -> None:
    """Put deliveries back until the one before them in their lane has been tried again."""
    execute(
        f"""
        UPDATE outbox_delivery delivery SET status = 'PENDING', lease_until = NULL, due_at = {HOLD}
        FROM outbox_delivery own LEFT JOIN LATERAL ({PREVIOUS.format(row="own")}) previous ON true
        WHERE own.id = delivery.id AND delivery.id = ANY(%s) AND delivery.status <> 'DONE'
        """,
        [list(delivery_ids)],
    )


def call_next(delivery_ids: Sequence[int]) -> None:
    """Let the next one in the lane of each of these go on at once; what failed waits out its back-off."""
    execute(
        """
        UPDATE outbox_delivery later SET due_at = statement_timestamp()
        FROM outbox_delivery done CROSS JOIN LATERAL (
            SELECT id FROM outbox_delivery WHERE ordered AND status <> 'DONE' AND handler = done.handler
                AND aggregate_id = done.aggregate_id AND id > done.id
            ORDER BY handler, aggregate_id, id LIMIT 1) next
        WHERE done.id = ANY(%s) AND later.id = next.id AND later.status = 'PENDING' AND later.attempts = 0
        """,
        [list(delivery_ids)],
    )


@unit_of_work()
def begin(delivery_id: int) -> bool:
    """Count the start of a delivery that may kill its worker, and say whether it may start; parks it after too many.

    One that only waits for its turn in its lane is not counted, since it will not start.
    """
    rows = fetch(
        f"""
        UPDATE outbox_delivery delivery SET
            attempts = CASE WHEN next.waits THEN attempts ELSE least(attempts + 1, %(most)s) END,
            status = CASE WHEN NOT next.waits AND attempts >= %(most)s THEN 'PARKED' ELSE status END,
            last_error = CASE WHEN NOT next.waits AND attempts >= %(most)s AND last_error = ''
                THEN 'its worker was lost each time' ELSE last_error END
        FROM (SELECT own.id, own.ordered AND EXISTS ({PREVIOUS.format(row="own")}) AS waits
            FROM outbox_delivery own WHERE own.id = %(id)s) next
        WHERE delivery.id = next.id AND status IN ('PENDING', 'SENT') RETURNING status <> 'PARKED'
        """,
        {"id": delivery_id, "most": PARKED_AFTER_ATTEMPTS},
    )
    return rows == [(True,)]


@unit_of_work()
def postpone(delivery_id: int, error: Exception, *, counted: bool = False) -> None:
    """Put a failed delivery off: a missing fact shortly and often, anything else doubling up to ten minutes."""
    waits = isinstance(error, (NotYet, Busy))
    execute(
        """
        UPDATE outbox_delivery SET last_error = %(error)s, lease_until = NULL,
            attempts = attempts + %(failed)s, waits = waits + %(waited)s,
            status = CASE WHEN attempts + %(failed)s >= %(attempts)s OR waits + %(waited)s >= %(waits)s
                THEN 'PARKED' ELSE 'PENDING' END,
            due_at = statement_timestamp() + (0.75 + random() / 2) * interval '1 second' * CASE %(waited)s
                WHEN 1 THEN least(0.2 * power(1.4, least(waits, 30)), 60)
                ELSE least(power(2, least(attempts, 12)), 600) END
        WHERE id = %(id)s AND status IN ('PENDING', 'SENT')
        """,
        {
            "id": delivery_id,
            "error": f"{type(error).__name__}: {error}"[:2000],
            "waited": int(waits),
            "failed": int(not waits and not counted),
            "attempts": PARKED_AFTER_ATTEMPTS,
            "waits": PARKED_AFTER_WAITS,
        },
    )
