"""Whether the machinery behind the platform is alive; for /healthz, open to everyone."""

from __future__ import annotations

from typing import Any

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch, fetch_value
from b2b.outbox import broker

RELAY_STALE_SECONDS = 15
BEAT_STALE_SECONDS = 60
WORKER_STALE_SECONDS = 60
NEVER = 10**9


def age_seconds(component: str) -> float:
    """Return how long ago any part of this kind was last seen; a very large number for never."""
    age = fetch_value(
        "SELECT extract(epoch FROM clock_timestamp() - max(seen_at)) FROM outbox_heartbeat WHERE component = %s",
        [component],
    )
    return float(NEVER if age is None else age)


def parts(*, ping_broker: bool = True) -> dict[str, dict[str, Any]]:
    """Return worker, relay, beat, broker and outbox, each with `ok` and what an operator wants to know.

    Three small statements, and one connection to the broker unless told not to.
    """
    with acting_as(system("health")):
        seen = fetch(
            "SELECT component, name, round(extract(epoch FROM clock_timestamp() - seen_at))::int FROM outbox_heartbeat"
        )
        parked = fetch_value("SELECT count(*) FROM outbox_delivery WHERE status = 'PARKED'")
        behind = fetch_value(
            """
            SELECT coalesce(round(extract(epoch FROM clock_timestamp() - min(due_at))), 0)::int
            FROM outbox_delivery WHERE status = 'PENDING'
            """
        )
    queues = {name: age for component, name, age in seen if component == "worker"}
    result: dict[str, dict[str, Any]] = {
        "worker": {
            "ok": min(queues.values(), default=NEVER) <= WORKER_STALE_SECONDS,
            "silent_queues": sorted(name for name, age in queues.items() if age > WORKER_STALE_SECONDS),
        }
    }
    for component, limit in (("relay", RELAY_STALE_SECONDS), ("beat", BEAT_STALE_SECONDS)):
        age = min((age for kind, _, age in seen if kind == component), default=None)
        result[component] = {"ok": age is not None and age <= limit, "seen_seconds_ago": age}
    if ping_broker:
        complaint = broker.ping()
        result["broker"] = {"ok": not complaint, **({"error": complaint} if complaint else {})}
    result["outbox"] = {"ok": parked == 0, "parked": parked, "oldest_due_seconds": max(behind, 0)}
    return result
