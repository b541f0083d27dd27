"""Share confirmed supply over the pegs by the cycle's declared policy."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from b2b.contracts.orders import Allocation, SupplyAllocated
from b2b.db.bulk import fetch
from b2b.outbox.publish import publish
from orders.models import AllocationRun, PurchaseOrder
from orders.policies import sharing_run
from orders.services import allocation_inputs, allocation_record

_ALLOCATED: Final = """
    SELECT line.id, line.order_id, purchase.id, purchase.product_id, line.dealer_id, sum(peg.allocated)::bigint
    FROM orders_peg peg
    JOIN orders_purchaseorderline purchase ON purchase.id = peg.purchase_order_line_id
    JOIN orders_orderline line ON line.id = peg.order_line_id
    WHERE purchase.purchase_order_id = %s AND purchase.response_version > 0
    GROUP BY line.id, purchase.id ORDER BY purchase.line_number, line.id
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
    gathered = allocation_inputs.gather(order, lines=lines, first=first)
    outcomes = sharing_run.run(gathered.inputs)
    run = allocation_record.write(order, gathered, outcomes, first=set(first), at=at)
    tell(order, at=at)
    return run


def tell(order: PurchaseOrder, *, at: datetime) -> None:
    """Publish SupplyAllocated with all that the answered lines of a purchase order are shared as now."""
    publish(_event(order, at))


def _event(order: PurchaseOrder, at: datetime) -> SupplyAllocated:
    return SupplyAllocated(
        occurred_at=at,
        purchase_order_id=order.pk,
        version=order.response_version,
        warehouse_site_id=order.warehouse_site_id,
        allocations=tuple(
            Allocation(
                order_line_id=line_id,
                order_id=order_id,
                purchase_order_line_id=purchase_line_id,
                product_id=product_id,
                dealer_id=dealer_id,
                quantity=quantity,
            )
            for line_id, order_id, purchase_line_id, product_id, dealer_id, quantity in fetch(
                _ALLOCATED, [order.pk]
            )
        ),
    )
