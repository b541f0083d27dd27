"""What of an order was delivered when, through which peg, and what of it is on its way back already."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from b2b.db.bulk import fetch
from orders.policies.returns import Drop, Source

# What a return takes of the goods it names: what was asked for, then what was allowed, then what came.
TAKEN: Final = """
    CASE parent.status WHEN 'REQUESTED' THEN line.requested WHEN 'AUTHORISED' THEN line.approved
        WHEN 'RECEIVED' THEN line.received WHEN 'CREDITED' THEN line.received ELSE 0 END
"""
_DROPS: Final = f"""
    WITH dropped AS (
        SELECT event.line_id, split_part(event.source, ':', 2)::uuid AS shipment_id, min(event.at) AS delivered_at,
            sum(event.quantity)::bigint AS delivered
        FROM orders_quantityevent event JOIN orders_orderline line ON line.id = event.line_id
        WHERE line.order_id = %(order_id)s AND event.kind = 'delivered' AND event.source LIKE 'shipment:%%'
        GROUP BY event.line_id, event.source),
    given AS (
        SELECT line.order_line_id, line.shipment_id, sum({TAKEN})::bigint AS taken
        FROM orders_returnline line JOIN orders_returnauthorisation parent ON parent.id = line.authorisation_id
        WHERE parent.order_id = %(order_id)s GROUP BY line.order_line_id, line.shipment_id)
    SELECT dropped.line_id, dropped.shipment_id, dropped.delivered_at, dropped.delivered, coalesce(given.taken, 0)
    FROM dropped LEFT JOIN given ON given.order_line_id = dropped.line_id AND given.shipment_id = dropped.shipment_id
    ORDER BY dropped.line_id, dropped.delivered_at, dropped.shipment_id
"""
_SOURCES: Final = f"""
    SELECT peg.order_line_id, peg.id, peg.received, coalesce(given.taken, 0)
    FROM orders_peg peg JOIN orders_orderline wanted ON wanted.id = peg.order_line_id
    LEFT JOIN (
        SELECT line.peg_id, sum({TAKEN})::bigint AS taken
        FROM orders_returnline line JOIN orders_returnauthorisation parent ON parent.id = line.authorisation_id
        WHERE parent.order_id = %(order_id)s AND line.peg_id IS NOT NULL GROUP BY line.peg_id) given
        ON given.peg_id = peg.id
    WHERE wanted.order_id = %(order_id)s AND peg.received > 0 ORDER BY peg.order_line_id, peg.id
"""


@dataclass(slots=True)
class History:
    """Where the goods of one order line came from."""

    drops: list[Drop] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)


def of_order(order_id: UUID) -> dict[int, History]:
    """Return order line -> its deliveries and pegs, in two queries; to decide by it, the caller holds the order."""
    found: dict[int, History] = defaultdict(History)
    for line_id, shipment_id, delivered_at, delivered, taken in fetch(_DROPS, {"order_id": order_id}):
        found[line_id].drops.append(Drop(shipment_id, delivered_at, delivered, taken))
    for line_id, peg_id, received, taken in fetch(_SOURCES, {"order_id": order_id}):
        found[line_id].sources.append(Source(peg_id, received, taken))
    return dict(found)
