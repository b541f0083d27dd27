"""What must hold after any number of kills: every fact told once, and every fact with its effect."""

from __future__ import annotations

from typing import Final

from tests.support.platform import Platform

ONCE: Final = {
    "orders.order.confirmed.v1": "order_id",
    "orders.purchase_order.placed.v1": "purchase_order_id",
    "orders.despatch_advice.received.v1": "despatch_advice_id",
    "warehousing.goods.received.v1": "receipt_id",
    "logistics.trip.departed.v1": "trip_id",
    "logistics.delivery.confirmed.v1": "shipment_id",
    "finance.invoice.issued.v1": "invoice_id",
}

# Each query returns the names of what is wrong; run with a view of all tenants.
QUERIES: Final = {
    "a delivery of an event without effect": """
        SELECT handler || ' ' || status || ' ' || last_error FROM outbox_delivery WHERE status <> 'DONE'
    """,
    "an event with other than one delivery a handler": """
        SELECT event_id || ' ' || handler FROM outbox_delivery GROUP BY event_id, handler HAVING count(*) <> 1
    """,
    "a confirmed order nobody was told of": """
        SELECT number FROM orders_order o WHERE status <> 'DRAFT' AND NOT EXISTS (
            SELECT FROM outbox_outboxevent
            WHERE topic = 'orders.order.confirmed.v1' AND payload ->> 'order_id' = o.id::text)
    """,
    "a dealer's upload that became several orders": """
        SELECT external_reference FROM orders_order GROUP BY dealer_id, external_reference HAVING count(*) <> 1
    """,
    "a cycle with several purchase orders": """
        SELECT cycle_id::text FROM orders_purchaseorder GROUP BY cycle_id HAVING count(*) <> 1
    """,
    "a closed cycle with wishes and no purchase order": """
        SELECT c.number FROM orders_ordercycle c WHERE c.status IN ('FROZEN', 'SENT')
        AND NOT EXISTS (SELECT FROM orders_purchaseorder p WHERE p.cycle_id = c.id)
    """,
    "an advice with other than one receipt": """
        SELECT a.id::text FROM orders_despatchadvice a LEFT JOIN warehousing_receipt r ON r.despatch_advice_id = a.id
        GROUP BY a.id HAVING count(r.id) <> 1
    """,
    "a delivered shipment with other than one invoice": """
        SELECT s.number FROM logistics_shipment s LEFT JOIN finance_invoice i ON i.shipment_id = s.id
        WHERE s.status = 'DELIVERED' GROUP BY s.id, s.number HAVING count(i.id) <> 1
    """,
    "an invoice for what was not delivered": """
        SELECT i.number FROM finance_invoice i WHERE NOT EXISTS (
            SELECT FROM logistics_shipment s WHERE s.id = i.shipment_id AND s.status = 'DELIVERED')
    """,
    "a bank line booked twice": """
        SELECT statement_line_id::text FROM finance_payment WHERE status <> 'CANCELLED'
        GROUP BY statement_line_id HAVING count(*) <> 1
    """,
}

REPEATED: Final = """
    SELECT count(*) - count(DISTINCT payload ->> '{key}'), count(*) FROM outbox_outboxevent WHERE topic = '{topic}'
"""


def doubled_or_lost(platform: Platform) -> list[str]:
    """Return one sentence per kind of fault, with examples."""
    wrong = []
    for name, query in QUERIES.items():
        if found := [str(value) for (value,) in platform.query(query)]:
            wrong.append(f"{name}: {len(found)}, as {', '.join(found[:3])}")
    for topic, key in ONCE.items():
        [(twice, told)] = platform.query(REPEATED.format(key=key, topic=topic))
        if twice:
            wrong.append(f"{topic} was told {told} times, {twice} of them again")
    return wrong


def untold(platform: Platform) -> list[str]:
    """Return the facts that were never told: a market too small to prove anything by."""
    return [
        topic
        for topic, key in ONCE.items()
        if not platform.query(REPEATED.format(key=key, topic=topic))[0][1]
    ]
