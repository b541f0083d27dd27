"""What orders does about facts of the other apps; each handler is one service call."""

from __future__ import annotations

from b2b.contracts.finance import InvoiceIssued
from b2b.contracts.logistics import DeliveryConfirmed, DeliveryFailed, Departed
from b2b.contracts.warehousing import GoodsReceived
from b2b.core.actor import current
from b2b.outbox.registry import on
from orders.services import fulfilment, goods_receipt


@on(GoodsReceived)
def fill_pegs(event: GoodsReceived) -> None:
    """Fill the pegs of a purchase order with what was received."""
    goods_receipt.note(
        event.purchase_order_id,
        lines=event.lines,
        receipt_id=event.receipt_id,
        by=current(),
        at=event.occurred_at,
    )


@on(Departed)
def note_shipped(event: Departed) -> None:
    """Advance what left the warehouse."""
    fulfilment.note_departure(event.shipments, at=event.occurred_at)


@on(DeliveryConfirmed)
def note_delivered(event: DeliveryConfirmed) -> None:
    """Advance what the dealer signed for, and what it did not take."""
    fulfilment.note_delivery(event.shipment_id, event.lines, by=current(), at=event.occurred_at)


@on(DeliveryFailed)
def note_failed(event: DeliveryFailed) -> None:
    """Remark that a delivery failed."""
    fulfilment.note_failed_delivery(
        event.shipment_id, reason=event.reason, by=current(), at=event.occurred_at
    )


@on(InvoiceIssued)
def note_invoiced(event: InvoiceIssued) -> None:
    """Advance what was invoiced."""
    fulfilment.note_invoice(event.invoice_id, event.lines, at=event.occurred_at)
