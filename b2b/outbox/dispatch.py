"""Claim deliveries and let their handlers act, each effect and its mark in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from b2b.core.actor import acting_as, system
from b2b.db.bulk import execute, fetch
from b2b.db.transactions import unit_of_work
from b2b.outbox.registry import EVENTS, HANDLERS

LEASE_SECONDS = 60
PARKED_AFTER_ATTEMPTS = 8


@unit_of_work()
def claim(limit: int = 500) -> list[tuple[int, str]]:
    """Lease due deliveries to the caller and return (delivery id, queue); other relays skip what is claimed."""
    return fetch(
        """
        UPDATE outbox_delivery SET status = 'SENT', lease_until = now() + %s * interval '1 second'
        WHERE id IN (
            SELECT id FROM outbox_delivery waiting
            WHERE (status = 'PENDING' AND due_at <= now() OR status = 'SENT' AND lease_until < now())
            AND NOT (ordered AND EXISTS (
                SELECT FROM outbox_delivery earlier WHERE earlier.handler = waiting.handler
                AND earlier.aggregate_id = waiting.aggregate_id AND earlier.id < waiting.id
                AND earlier.ordered AND earlier.status <> 'DONE'))
            ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
        RETURNING id, queue
        """,
        [LEASE_SECONDS, limit],
    )


@unit_of_work()
def _handle(delivery_id: int) -> None:
    rows = fetch(
        """
        SELECT delivery.handler, event.topic, event.payload FROM outbox_delivery delivery
        JOIN outbox_outboxevent event ON event.id = delivery.event_id
        WHERE delivery.id = %s AND delivery.status <> 'DONE' FOR UPDATE OF delivery
        """,
        [delivery_id],
    )
    for handler, topic, payload in rows:
        HANDLERS[handler].call(EVENTS[topic].from_json(payload))
        execute(
            "UPDATE outbox_delivery SET status = 'DONE', done_at = now(), last_error = '' WHERE id = %s",
            [delivery_id],
        )


@unit_of_work()
def _postpone(delivery_id: int, error: Exception) -> None:
    execute(
        """
        UPDATE outbox_delivery SET attempts = attempts + 1, last_error = %s, lease_until = NULL,
            status = CASE WHEN attempts + 1 >= %s THEN 'PARKED' ELSE 'PENDING' END,
            due_at = now() + least(power(2, attempts), 600) * (0.75 + random() / 2) * interval '1 second'
        WHERE id = %s AND status <> 'DONE'
        """,
        [f"{type(error).__name__}: {error}"[:2000], PARKED_AFTER_ATTEMPTS, delivery_id],
    )


def handle(delivery_ids: Sequence[int]) -> int:
    """Let the handlers of these deliveries act and return how many succeeded; a failure delays only itself."""
    done = 0
    with acting_as(system("outbox")):
        for delivery_id in delivery_ids:
            try:
                _handle(delivery_id)
                done += 1
            except Exception as error:  # noqa: BLE001 - a handler may fail in any way; the delivery keeps the error
                _postpone(delivery_id, error)
    return done


def drain(limit: int = 10_000) -> int:
    """Work off everything that is due, in this process; the market and tests use it instead of a broker."""
    total = 0
    with acting_as(system("outbox")):
        while claimed := claim(limit):
            total += handle([delivery_id for delivery_id, _ in sorted(claimed)])
    return total
