"""What must always hold of events and their deliveries."""

from b2b.db.invariants import invariant
from b2b.db.partitions import GUARDS

GRACE = "interval '15 minutes'"  # longer than any back-off, lease and restart

GUARDS["outbox_outboxevent"] = """
    SELECT EXISTS (SELECT FROM outbox_delivery WHERE status <> 'DONE' AND created_at < %(before)s::timestamptz)
"""

invariant(
    "outbox_sent_or_due",
    "every delivery has had its effect, is parked for a person, or was due no longer than a quarter of an hour ago",
    f"""
    SELECT id, handler, aggregate_id, status, due_at, lease_until FROM outbox_delivery
    WHERE status = 'PENDING' AND due_at < statement_timestamp() - {GRACE}
    OR status = 'SENT' AND lease_until < statement_timestamp() - {GRACE}
    """,
)

invariant(
    "outbox_in_order",
    "where a handler asks for order, nothing of one aggregate was done before what was published earlier",
    """
    SELECT later.id, later.handler, later.aggregate_id, earlier.id AS undone
    FROM outbox_delivery earlier JOIN outbox_delivery later ON later.handler = earlier.handler
    AND later.aggregate_id = earlier.aggregate_id AND later.id > earlier.id
    WHERE earlier.ordered AND earlier.status <> 'DONE' AND later.ordered AND later.status = 'DONE'
    """,
)

invariant(
    "outbox_knows_its_events",
    "every undone delivery belongs to an event that is there to be handled",
    """
    SELECT id, event_id, handler FROM outbox_delivery delivery WHERE status <> 'DONE' AND NOT EXISTS (
        SELECT FROM outbox_outboxevent event
        WHERE event.id = delivery.event_id AND event.recorded_at = delivery.created_at)
    """,
)
