"""Tell of a purchase order whose lines changed after it was placed."""

from __future__ import annotations

from datetime import datetime

from b2b.contracts.order_changes import PurchaseOrderChanged
from b2b.contracts.orders import PurchaseLine
from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.outbox.publish import publish
from orders.models import PurchaseOrder


def restate(order: PurchaseOrder, *, reason: str, by: Actor, at: datetime) -> None:
    """Sum a purchase order up anew and publish PurchaseOrderChanged; the caller holds it. Four statements."""
    lines = list(order.lines.order_by("line_number"))
    total = sum((line.net_amount for line in lines), start=Money.of(0, order.currency).amount)
    order.advance("change", by=by, at=at, reason=reason, total_net=total)
    publish(
        PurchaseOrderChanged(
            occurred_at=at,
            purchase_order_id=order.pk,
            number=order.number,
            version=order.version,
            factory_id=order.factory_id,
            currency=order.currency,
            reason=reason,
            lines=tuple(
                PurchaseLine(
                    line_id=line.pk,
                    line_number=line.line_number,
                    product_id=line.product_id,
                    quantity=line.quantity,
                    unit_price=line.unit_price,
                    requested_date=line.requested_date,
                )
                for line in lines
            ),
        )
    )
