"""What the control tower listens to for the story of orders; some of it counts in the figures too."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from uuid import UUID

from b2b.contracts.finance import (
    CreditNoteIssued,
    DebitNoteIssued,
    InvoiceIssued,
    PaymentReceived,
    PaymentTakenBack,
)
from b2b.contracts.financing import FinancingDrawn, FinancingRepaid
from b2b.contracts.logistics import DeliveryConfirmed, DeliveryFailed, Departed
from b2b.contracts.orders import OrderCancelled, OrderChanged, OrderConfirmed, SupplyAllocated
from b2b.contracts.returns import ReturnAuthorised
from b2b.contracts.shortages import ShortageShared
from b2b.contracts.warehousing import PackagesReady, PickedShort
from b2b.outbox.registry import on
from b2b.tower.services import figures, money_flows, timeline
from b2b.tower.services.timeline import Step


@on(OrderConfirmed)
def note_confirmed_order(event: OrderConfirmed) -> None:
    """An order was accepted."""
    figures.note_order(event)
    quantity = sum(line.quantity for line in event.lines)
    text = f"Confirmed: {len(event.lines)} lines"
    timeline.note(
        [
            Step(
                event.order_id, event.dealer_id, event.occurred_at, "confirmed", text, event.order_id,
                event.number, quantity, str(event.version),
            )
        ]
    )  # fmt: skip


@on(OrderChanged)
def note_changed_order(event: OrderChanged) -> None:
    """An order got new quantities or prices: it was pooled, shortened, or changed by the dealer."""
    figures.note_order(event)
    quantity = sum(line.quantity for line in event.lines)
    timeline.note(
        [
            Step(
                event.order_id, event.dealer_id, event.occurred_at, "changed", f"Changed: {event.reason}"[:200],
                event.order_id, event.number, quantity, timeline.version_key(event.version),
            )
        ]
    )  # fmt: skip


@on(OrderCancelled)
def note_cancelled_order(event: OrderCancelled) -> None:
    """An order was withdrawn."""
    figures.note_cancellation(event)
    text = f"Cancelled: {event.reason}"[:200]
    timeline.note(
        [
            Step(
                event.order_id,
                event.dealer_id,
                event.occurred_at,
                "cancelled",
                text,
                event.order_id,
                event.number,
                key=str(event.version),
            )
        ]
    )


@on(SupplyAllocated)
def note_allocated_supply(event: SupplyAllocated) -> None:
    """A factory's promise was shared out, for the first time or anew."""
    days = {line.purchase_order_line_id: line.promised_date for line in event.promised}
    shares: dict[tuple[UUID, int], int] = defaultdict(int)
    promised: dict[UUID, set[date]] = defaultdict(set)
    for share in event.allocations:
        shares[share.order_id, share.dealer_id] += share.quantity
        if share.quantity and share.purchase_order_line_id in days:
            promised[share.order_id].add(days[share.purchase_order_line_id])
    timeline.note(
        Step(
            order_id, dealer_id, event.occurred_at, timeline.ALLOCATED, _promise(quantity, promised[order_id]),
            event.purchase_order_id, "", quantity, timeline.version_key(event.version),
        )
        for (order_id, dealer_id), quantity in shares.items()
    )  # fmt: skip


def _promise(quantity: int, days: set[date]) -> str:
    if not quantity:
        return "The factory promises nothing of it"
    if not days:
        return "Promised by the factory"
    first, last = min(days), max(days)
    return f"Promised by the factory for {first}" + (f" to {last}" if last > first else "")


@on(PickedShort)
def note_short_pick(event: PickedShort) -> None:
    """Goods were not on their shelf and nowhere else; the order waits for them."""
    text = "Not found in the warehouse; waits for new goods"
    timeline.note(
        [
            Step(
                event.order_id,
                event.dealer_id,
                event.occurred_at,
                "short",
                text,
                event.order_id,
                "",
                event.quantity,
                f"{event.order_line_id} {event.occurred_at.isoformat()}",
            )
        ]
    )


@on(ShortageShared)
def note_shortage(event: ShortageShared) -> None:
    """A factory makes less than was ordered: what the order's lines got."""
    allotted = sum(line.allotted_quantity for line in event.lines)
    wanted = sum(line.wanted_quantity for line in event.lines)
    timeline.note(
        [
            Step(
                event.order_id, event.dealer_id, event.occurred_at, "shortage",
                f"The factory is short: {allotted} of {wanted} on {len(event.lines)} lines", event.order_id,
                event.number, allotted, event.occurred_at.isoformat(),
            )
        ]
    )  # fmt: skip


@on(PackagesReady)
def note_packed(event: PackagesReady) -> None:
    """Goods stand packed and wait for their vehicle."""
    packed: dict[tuple[UUID, int], list[int]] = defaultdict(list)
    for unit in event.packages:
        for line in unit.lines:
            packed[line.order_id, unit.dealer_id].append(line.quantity)
    timeline.note(
        Step(
            order_id, dealer_id, event.occurred_at, "packed", "Packed for the road", event.wave_id,
            "", sum(quantities), event.occurred_at.isoformat(),
        )
        for (order_id, dealer_id), quantities in packed.items()
    )  # fmt: skip


@on(Departed)
def note_departure(event: Departed) -> None:
    """Goods are on the road."""
    timeline.note(
        Step(
            order_id, shipment.dealer_id, event.occurred_at, "shipped", f"On the road with trip {event.number}",
            shipment.shipment_id, shipment.number,
            sum(line.quantity for line in shipment.lines if line.order_id == order_id),
        )
        for shipment in event.shipments
        for order_id in {line.order_id for line in shipment.lines}
    )  # fmt: skip


@on(DeliveryConfirmed)
def note_delivery(event: DeliveryConfirmed) -> None:
    """Goods arrived."""
    figures.note_delivery(event)
    timeline.note(
        Step(
            order_id, event.dealer_id, event.delivered_at, "delivered", "Delivered and signed for",
            event.shipment_id, event.number,
            sum(line.delivered_quantity for line in event.lines if line.order_id == order_id),
        )
        for order_id in {line.order_id for line in event.lines}
    )  # fmt: skip


@on(DeliveryFailed)
def note_failed_delivery(event: DeliveryFailed) -> None:
    """Nobody could take the goods; every order on the shipment shows it."""
    timeline.note_on_shipment(
        shipment_id=event.shipment_id,
        at=event.occurred_at,
        step="not_delivered",
        text=f"Not delivered: {event.reason}",
    )


@on(InvoiceIssued)
def note_invoice(event: InvoiceIssued) -> None:
    """Delivered goods were billed."""
    money_flows.note_bill(event)
    timeline.note(
        Step(
            order_id, event.dealer_id, event.occurred_at, "invoiced",
            f"Invoiced, due {event.due_date.isoformat()}", event.invoice_id, event.number,
            sum(line.quantity for line in event.lines if line.order_id == order_id),
        )
        for order_id in {line.order_id for line in event.lines}
    )  # fmt: skip


@on(DebitNoteIssued)
def note_debit(event: DebitNoteIssued) -> None:
    """More was charged for goods that were billed; a payment of it is found by this step as by an invoice's."""
    money_flows.note_bill(event)
    timeline.note(
        Step(
            order_id, event.dealer_id, event.occurred_at, "invoiced",
            f"Charged {event.gross_amount} {event.currency} more: {event.reason}"[:200],
            event.debit_note_id, event.number,
        )
        for order_id in {line.order_id for line in event.lines}
    )  # fmt: skip


@on(PaymentReceived)
def note_payment(event: PaymentReceived) -> None:
    """Money arrived and was matched to invoices: the last cent of those that are paid in full."""
    money_flows.note_payment(event)
    for is_full, key, text in ((True, "", "Paid in full"), (False, "part", "Paid in part")):
        settled = [invoice.invoice_id for invoice in event.invoices if invoice.is_fully_paid is is_full]
        if settled:
            timeline.note_payment(
                payment_id=event.payment_id, invoice_ids=settled, at=event.occurred_at, text=text, key=key
            )


@on(FinancingDrawn)
def note_financing(event: FinancingDrawn) -> None:
    """Money was lent on an order or an invoice."""
    timeline.note_financing(event)


@on(FinancingRepaid)
def note_repaid_financing(event: FinancingRepaid) -> None:
    """Nothing is owed any more of what was lent on an order or an invoice."""
    timeline.note_repaid(event)


@on(PaymentTakenBack)
def note_payment_taken_back(event: PaymentTakenBack) -> None:
    """What a payment settled is owed again."""
    money_flows.note_payment_taken_back(event)
    timeline.note_payment(
        payment_id=event.payment_id,
        invoice_ids=list(event.invoice_ids),
        at=event.occurred_at,
        text=f"Payment taken back: {event.reason}",
        step="unpaid",
    )


@on(ReturnAuthorised)
def note_allowed_return(event: ReturnAuthorised) -> None:
    """A dealer may send goods back."""
    quantity = sum(line.quantity for line in event.lines)
    timeline.note(
        [
            Step(
                event.order_id, event.dealer_id, event.occurred_at, "returning", "May be sent back",
                event.return_id, event.number, quantity,
            )
        ]
    )  # fmt: skip


@on(CreditNoteIssued)
def note_credit(event: CreditNoteIssued) -> None:
    """Returned goods were credited."""
    money_flows.note_credit(event)
    timeline.note(
        Step(
            order_id, event.dealer_id, event.occurred_at, "credited", f"Credited on invoice {event.invoice_number}",
            event.credit_note_id, event.number,
            sum(line.quantity for line in event.lines if line.order_id == order_id),
        )
        for order_id in {line.order_id for line in event.lines}
    )  # fmt: skip
