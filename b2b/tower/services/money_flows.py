"""Note bills, payments and what circulation costs."""

from __future__ import annotations

from typing import Final

from b2b.contracts.finance import (
    CreditNoteIssued,
    DebitNoteIssued,
    InvoiceIssued,
    PaymentReceived,
    PaymentTakenBack,
    SupplierCreditIssued,
)
from b2b.contracts.returns import CostsShared
from b2b.contracts.value import FinancingCharged
from b2b.core.actor import DEALER
from b2b.db.transactions import unit_of_work
from b2b.directory.selectors import organization
from b2b.tower.models import FlowKind
from b2b.tower.services import flows
from b2b.tower.services.flows import Flow

COSTS: Final = {
    "FREIGHT": FlowKind.INBOUND,
    "DUTY": FlowKind.DUTY,
    "FEE": FlowKind.FEE,
    "STORAGE": FlowKind.STORAGE,
}


@unit_of_work()
def note_cost(event: CostsShared) -> None:
    """Keep what a dealer bears of a cost voucher, on the day it was first shared; the newest version counts."""
    flows.note(
        [
            Flow(
                kind=COSTS[event.kind],
                source_id=event.voucher_id,
                part=str(event.dealer_id),
                version=event.version,
                number=event.number,
                at=event.occurred_at,
                currency=event.currency,
                dealer_id=event.dealer_id,
                amount=event.amount,
            )
        ]
    )


@unit_of_work()
def note_financing_cost(event: FinancingCharged) -> None:
    """Keep what a booking of a financing cost its borrower, a dealer or a factory."""
    borrower = organization.by_id([event.borrower_id]).get(event.borrower_id)
    is_dealer = borrower is not None and borrower.kind == DEALER
    flows.note(
        [
            Flow(
                kind=FlowKind.FINANCING,
                source_id=event.financing_id,
                part=str(event.booking_number),
                number=event.number,
                at=event.occurred_at,
                day=event.day,
                currency=event.currency,
                dealer_id=event.borrower_id if is_dealer else None,
                factory_id=None if is_dealer else event.borrower_id,
                amount=event.amount,
            )
        ]
    )


@unit_of_work()
def note_claim(event: SupplierCreditIssued) -> None:
    """Keep what a factory bears of a claim: it costs circulation that much less."""
    flows.note(
        [
            Flow(
                kind=FlowKind.CLAIM,
                source_id=event.supplier_credit_id,
                number=event.number,
                at=event.occurred_at,
                currency=event.currency,
                factory_id=event.factory_id,
                amount=-event.amount,
            )
        ]
    )


@unit_of_work()
def note_bill(event: InvoiceIssued | DebitNoteIssued) -> None:
    """Keep what a dealer was billed, with tax."""
    source_id = event.invoice_id if isinstance(event, InvoiceIssued) else event.debit_note_id
    flows.note(
        [
            Flow(
                kind=FlowKind.BILLED,
                source_id=source_id,
                number=event.number,
                at=event.occurred_at,
                currency=event.currency,
                dealer_id=event.dealer_id,
                amount=event.gross_amount,
            )
        ]
    )


@unit_of_work()
def note_payment(event: PaymentReceived) -> None:
    """Keep what a payment settled of each invoice."""
    flows.note_settled(
        payment_id=event.payment_id,
        amounts={invoice.invoice_id: invoice.amount for invoice in event.invoices},
        key=event.occurred_at.isoformat(),
        number="",
        at=event.occurred_at,
    )


@unit_of_work()
def note_payment_taken_back(event: PaymentTakenBack) -> None:
    """Keep that what a payment settled is owed again."""
    flows.note_taken_back(
        payment_id=event.payment_id, invoice_ids=list(event.invoice_ids), at=event.occurred_at
    )


@unit_of_work()
def note_credit(event: CreditNoteIssued) -> None:
    """Keep what a credit note took off its invoice."""
    if event.settled_amount:
        flows.note_settled(
            payment_id=event.credit_note_id,
            amounts={event.invoice_id: event.settled_amount},
            key="credit",
            number=event.number,
            at=event.occurred_at,
        )
