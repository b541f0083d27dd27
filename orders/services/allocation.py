"""Share confirmed supply over the pegs by the cycle's declared policy."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from b2b.contracts.orders import SupplyAllocated
from b2b.core.collector import collecting_later
from b2b.core.ids import uuid7
from b2b.db.bulk import unnest
from b2b.outbox.publish import publish_from
from orders.models import AllocationRun, PurchaseOrder
from orders.policies import sharing_run
from orders.services import allocation_inputs, allocation_record

# The event as `SupplyAllocated.to_json` writes it; none of the members needs escaping.
_ALLOCATED: Final = f"""
    SELECT given.id, given.aggregate_id, ARRAY[]::bigint[] AS parties, %(at)s::timestamptz AS occurred_at,
        left(json_build_object('occurred_at', %(at)s::timestamptz, 'purchase_order_id', given.aggregate_id,
            'version', %(version)s::integer, 'warehouse_site_id', %(site)s::bigint)::text, -1)
            || ',"allocations":[' || coalesce(shares.parts, '')
            || '],"promised":[' || coalesce(dates.parts, '') || ']}}' AS payload
    FROM {unnest({"aggregate_id": "text", "id": "uuid"})} CROSS JOIN (
        SELECT string_agg('{{"purchase_order_line_id":' || id || ',"promised_date":"' || promised_date || '"}}', ','
            ORDER BY line_number) AS parts
        FROM orders_purchaseorderline
        WHERE purchase_order_id = %(order)s AND response_version > 0 AND promised_date IS NOT NULL) dates CROSS JOIN (
        SELECT string_agg('{{"order_line_id":' || share.line_id || ',"order_id":"' || share.order_id
            || '","purchase_order_line_id":' || share.purchase_line_id || ',"product_id":' || share.product_id
            || ',"dealer_id":' || share.dealer_id || ',"quantity":' || share.quantity || '}}', ','
            ORDER BY share.line_number, share.line_id) AS parts
        FROM (
            SELECT line.id AS line_id, line.order_id, purchase.id AS purchase_line_id, purchase.product_id,
                line.dealer_id, sum(peg.allocated) AS quantity, purchase.line_number
            FROM orders_peg peg
            JOIN orders_purchaseorderline purchase ON purchase.id = peg.purchase_order_line_id
            JOIN orders_orderline line ON line.id = peg.order_line_id
            WHERE purchase.purchase_order_id = %(order)s AND purchase.response_version > 0
            GROUP BY line.id, purchase.id) share) shares
"""


def share(
    order: PurchaseOrder, *, lines: Collection[int], first: Collection[int] = (), at: datetime
) -> AllocationRun:
    """Share what the factory confirmed of `lines`: dealers first, by policy; platform stock takes what is left.

    Other lines stay as they were shared, and are told again with them. `first` are the lines answered for the first
    time: until then all that is pegged counts as pooled. What has been received stays where it is. The short part of a
    line waits for the next cycle again. Keeps the run with its inputs, results with exact entitlements, and the
    fairness ledger; publishes SupplyAllocated. The caller holds the purchase order. A constant number of statements.

    :raises PolicyChanged: when the policy is not the one that was sealed at the freeze.
    """
    with collecting_later():
        gathered = allocation_inputs.gather(order, lines=lines, first=first)
        outcomes = sharing_run.run(gathered.inputs)
        run = allocation_record.write(order, gathered, outcomes, first=set(first), at=at)
    tell(order, at=at)
    return run


def tell(order: PurchaseOrder, *, at: datetime) -> None:
    """Publish SupplyAllocated with all that the answered lines of a purchase order are shared as now.

    The event is made where the pegs are, in one statement.
    """
    given = {"order": order.pk, "version": order.response_version, "site": order.warehouse_site_id, "at": at}
    publish_from(SupplyAllocated, {str(order.pk): uuid7()}, _ALLOCATED, given)
