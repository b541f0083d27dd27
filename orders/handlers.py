"""What orders does about facts of the other apps; each handler is one service call."""

from __future__ import annotations

from b2b.contracts.finance import CreditNoteIssued, InvoiceIssued, SupplierCreditIssued
from b2b.contracts.logistics import DeliveryConfirmed, DeliveryFailed, Departed
from b2b.contracts.orders import OrderCancelled, OrderChanged, OrderConfirmed
from b2b.contracts.warehousing import GoodsReceived, GoodsShipped, PickedShort, ReturnDisposed, ReturnReceived
from b2b.core.actor import current
from b2b.core.money import Money
from b2b.outbox.registry import on
from orders.services import (
    claim,
    demand,
    fulfilment,
    goods_receipt,
    lost_goods,
    return_progress,
    shipped_goods,
)


@on(GoodsReceived)
def fill_pegs(event: GoodsReceived) -> None:
    """Fill the pegs of a purchase order with what was received, and claim what an inspection rejected."""
    goods_receipt.note(
        event.purchase_order_id,
        lines=event.lines,
        receipt_id=event.receipt_id,
        inspected=event.inspection_id is not None,
        by=current(),
        at=event.occurred_at,
    )


@on(GoodsShipped)
def advise_shipped(event: GoodsShipped) -> None:
    """Take what a factory's EPCIS event says it sent as its despatch advice."""
    shipped_goods.advise(event, by=current(), at=event.occurred_at)


@on(PickedShort)
def plan_anew(event: PickedShort) -> None:
    """Let what the warehouse does not find wait for the next cycle."""
    lost_goods.note(event, by=current())


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


@on(ReturnReceived)
def note_returned(event: ReturnReceived) -> None:
    """Let goods that came back be returned."""
    return_progress.note_received(event.return_id, event.lines, by=current(), at=event.occurred_at)


@on(ReturnDisposed)
def note_disposed(event: ReturnDisposed) -> None:
    """Keep what became of returned goods."""
    return_progress.note_disposed(event.return_id, event.lines)


@on(CreditNoteIssued)
def note_credited(event: CreditNoteIssued) -> None:
    """Let credited goods be invoiced no longer."""
    return_progress.note_credited(
        event.return_id,
        event.lines,
        credit_note_id=event.credit_note_id,
        net=Money(event.net_amount, event.currency),
        gross=Money(event.gross_amount, event.currency),
        by=current(),
        at=event.occurred_at,
    )


@on(SupplierCreditIssued)
def note_supplier_credit(event: SupplierCreditIssued) -> None:
    """Keep under which number a settled claim was posted."""
    claim.note_credit(event.claim_id, number=event.number, by=current(), at=event.occurred_at)


@on(OrderConfirmed)
def count_confirmed(event: OrderConfirmed) -> None:
    """Count what an order asks for."""
    demand.note([event.order_id])


@on(OrderChanged)
def count_changed(event: OrderChanged) -> None:
    """Count what an order asks for now."""
    demand.note([event.order_id])


@on(OrderCancelled)
def count_cancelled(event: OrderCancelled) -> None:
    """Count an order no longer, but for what a short answer drove away."""
    demand.note([event.order_id])
