"""What follows a short answer, in its transaction: a second source for the rest, and word to every dealer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from b2b.contracts.shortages import ShortageShared
from b2b.core.ids import uuid7
from b2b.db.bulk import fetch, unnest
from b2b.outbox.publish import publish_from
from orders.models import PurchaseOrder
from orders.policies.shortage import ShortageRule
from orders.services import second_source
from orders.states import BEFORE_CUTOFF

_SHORT: Final = """
    line.requested > line.cancelled + line.covered + line.pooled AND line.id IN (
        SELECT peg.order_line_id FROM orders_peg peg
        WHERE peg.purchase_order_line_id = ANY(%(lines)s) AND peg.allocated < peg.pegged)
"""
# The event as `ShortageShared.to_json` writes it; none of the members of a line needs escaping.
_TOLD: Final = f"""
    SELECT given.id, given.aggregate_id, ARRAY[parent.dealer_id] AS parties, %(at)s::timestamptz AS occurred_at,
        left(json_build_object('occurred_at', %(at)s::timestamptz, 'order_id', parent.id, 'number', parent.number,
            'dealer_id', parent.dealer_id, 'withdrawable_until', short.withdrawable_until)::text, -1)
            || ',"lines":[' || short.parts || ']}}' AS payload
    FROM {unnest({"aggregate_id": "text", "id": "uuid"})}
    JOIN orders_order parent ON parent.id = given.aggregate_id::uuid
    JOIN (
        SELECT line.order_id, min(line.withdrawable_until) AS withdrawable_until, string_agg('{{"line_id":' || line.id
            || ',"line_number":' || line.line_number || ',"product_id":' || line.product_id
            || ',"wanted_quantity":' || line.requested - line.cancelled
            || ',"allotted_quantity":' || line.allocated
            || ',"waiting_quantity":' || line.requested - line.cancelled - line.covered - line.pooled
            || ',"cycle_id":' || coalesce('"' || cycle.id || '"', 'null') || '}}', ','
            ORDER BY line.line_number) AS parts
        FROM orders_orderline line
        LEFT JOIN orders_ordercycle cycle ON cycle.id = line.cycle_id AND cycle.status IN {BEFORE_CUTOFF}
        WHERE {_SHORT} GROUP BY line.order_id) short ON short.order_id = parent.id
"""


def follow(order: PurchaseOrder, *, lines: Collection[int], at: datetime) -> int:
    """Go on from the sharing of purchase lines and return how many orders came short.

    Their rest joins a pool of the next source that sells it at no more than the dealers pay; the sharing has said how
    long they may be withdrawn. Publishes ShortageShared per order. The caller holds the purchase order and has shared.
    The number of statements does not depend on that of the lines.
    """
    second_source.pool_rest(order, lines=lines, rule=ShortageRule.of(order.cycle.policy), at=at)
    key = {"lines": list(lines)}
    short = fetch(f"SELECT DISTINCT line.order_id FROM orders_orderline line WHERE {_SHORT}", key)
    if short:
        publish_from(
            ShortageShared, {str(order_id): uuid7() for (order_id,) in short}, _TOLD, {**key, "at": at}
        )
    return len(short)
