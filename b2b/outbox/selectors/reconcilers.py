"""Events compared with their deliveries: did everyone who acts on a fact hear of it?"""

from __future__ import annotations

from typing import Any

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch, fetch_value, transpose, unnest
from b2b.db.reconcilers import Difference, Outcome, reconciler
from b2b.outbox.claims import KEPT_DAYS
from b2b.outbox.registry import HANDLERS

LATE = "15 minutes"
SHOWN = 1000


@reconciler("outbox")
def compare() -> Outcome:
    """Compare the events of the time deliveries are kept for with the handlers of the code, and find what is stuck.

    A handler answers for events since its first delivery; it may be newer than the events.
    """
    with acting_as(system("reconcile")):
        compared = fetch_value(
            "SELECT count(*) FROM outbox_outboxevent WHERE recorded_at > statement_timestamp() - %s * interval '1 day'",
            [KEPT_DAYS],
        )
        unheard, stuck = _unheard(), _stuck()
    missing = (
        Difference(
            "delivery", f"{topic} {event}", f"delivered to {handler}", "nothing", "the delivery is missing"
        )
        for topic, event, handler in unheard
    )
    late = (
        Difference("delivery", f"{key} {handler}", "done", status.lower(), error or "due for too long")
        for key, handler, status, error in stuck
    )
    return Outcome(compared, (*missing, *late))


def _unheard() -> list[tuple[Any, ...]]:
    columns = {"topic": "text", "handler": "text"}
    routes = transpose(list(columns), [(entry.event.topic, entry.name) for entry in HANDLERS.values()])
    return fetch(
        f"""
        SELECT event.topic, event.id::text, route.handler
        FROM outbox_outboxevent event JOIN {unnest(columns, "route")} ON route.topic = event.topic
        JOIN (SELECT handler, min(created_at) AS since FROM outbox_delivery GROUP BY 1) known
        ON known.handler = route.handler AND known.since < event.recorded_at
        WHERE event.recorded_at > statement_timestamp() - %(days)s * interval '1 day' AND NOT EXISTS (
            SELECT FROM outbox_delivery delivery
            WHERE delivery.event_id = event.id AND delivery.handler = route.handler)
        ORDER BY event.recorded_at LIMIT %(shown)s
        """,
        {**routes, "days": KEPT_DAYS, "shown": SHOWN},
    )


def _stuck() -> list[tuple[Any, ...]]:
    return fetch(
        """
        SELECT id, handler, status, last_error FROM outbox_delivery WHERE status = 'PARKED'
        OR status = 'PENDING' AND due_at < statement_timestamp() - %(late)s::interval
        OR status = 'SENT' AND lease_until < statement_timestamp() - %(late)s::interval ORDER BY id LIMIT %(shown)s
        """,
        {"late": LATE, "shown": SHOWN},
    )
