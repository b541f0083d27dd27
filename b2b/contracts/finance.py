"""What finance tells the others, and what it answers about credit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from b2b.contracts.base import Event, Part
from b2b.core.money import Money


@dataclass(frozen=True, slots=True)
class CreditAnswer:
    """What finance says to a request for credit; amounts in the dealer's currency."""

    granted: bool
    limit: Money
    used: Money
    reserved: Money
    shortfall: Money

    @property
    def available(self) -> Money:
        """What may still be ordered."""
        return self.limit - self.used - self.reserved


class InvoicedLine(Part):
    """One order line on an invoice; amounts before tax."""

    order_id: UUID
    order_line_id: int
    quantity: int
    net_amount: Decimal


class InvoiceIssued(Event):
    """A dealer was invoiced for delivered goods."""

    topic: ClassVar[str] = "finance.invoice.issued.v1"
    aggregate: ClassVar[str] = "invoice_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    invoice_id: UUID
    number: str
    dealer_id: int
    currency: str
    net_amount: Decimal
    tax_amount: Decimal
    gross_amount: Decimal
    due_date: date
    lines: tuple[InvoicedLine, ...]


class CreditedLine(Part):
    """One returned line on a credit note; amounts before tax."""

    order_id: UUID
    order_line_id: int
    return_line_id: int
    quantity: int
    net_amount: Decimal


class CreditNoteIssued(Event):
    """A dealer was credited for returned goods at the price it was billed (UBL CreditNote).

    `settled_amount` of it was taken off what is open on the invoice; the rest is an advance.
    """

    topic: ClassVar[str] = "finance.credit_note.issued.v1"
    aggregate: ClassVar[str] = "credit_note_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    credit_note_id: UUID
    number: str
    invoice_id: UUID
    invoice_number: str
    return_id: UUID
    dealer_id: int
    currency: str
    net_amount: Decimal
    tax_amount: Decimal
    gross_amount: Decimal
    lines: tuple[CreditedLine, ...]
    settled_amount: Decimal = Decimal(0)


class DebitedLine(Part):
    """More for one order line; amounts before tax."""

    order_id: UUID
    order_line_id: int
    quantity: int
    net_amount: Decimal


class DebitNoteIssued(Event):
    """A dealer was charged more for goods invoiced before (an invoice of type 383, UN/ECE 1001)."""

    topic: ClassVar[str] = "finance.debit_note.issued.v1"
    aggregate: ClassVar[str] = "debit_note_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    debit_note_id: UUID
    number: str
    invoice_id: UUID
    invoice_number: str
    dealer_id: int
    currency: str
    net_amount: Decimal
    tax_amount: Decimal
    gross_amount: Decimal
    due_date: date
    reason: str
    lines: tuple[DebitedLine, ...]


class DebitNoteCredited(Event):
    """A debit note was taken back, in full or in part (UBL CreditNote)."""

    topic: ClassVar[str] = "finance.debit_note.credited.v1"
    aggregate: ClassVar[str] = "credit_note_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    credit_note_id: UUID
    number: str
    debit_note_id: UUID
    debit_note_number: str
    dealer_id: int
    currency: str
    net_amount: Decimal
    tax_amount: Decimal
    gross_amount: Decimal
    reason: str


class SupplierCreditIssued(Event):
    """What a factory bears of a claim was taken off what it is owed."""

    topic: ClassVar[str] = "finance.supplier_credit.issued.v1"
    aggregate: ClassVar[str] = "supplier_credit_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    supplier_credit_id: UUID
    number: str
    claim_id: UUID
    factory_id: int
    currency: str
    amount: Decimal


class SupplierInvoiceAnswered(Event):
    """A factory's bill was matched with what was ordered and received, released, or sent back (UBL InvoiceResponse).

    `status` APPROVED is owed and paid when due, HELD waits for what `verdict` and `reason` say, REJECTED is not owed.
    """

    topic: ClassVar[str] = "finance.supplier_invoice.answered.v1"
    aggregate: ClassVar[str] = "supplier_invoice_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    supplier_invoice_id: UUID
    number: str
    supplier_number: str
    factory_id: int
    status: str
    verdict: str
    reason: str
    currency: str
    payable_amount: Decimal
    due_date: date


class SettledInvoice(Part):
    """The part of a payment that settled one invoice."""

    invoice_id: UUID
    number: str
    amount: Decimal
    is_fully_paid: bool


class PaymentReceived(Event):
    """Money arrived and was matched to invoices."""

    topic: ClassVar[str] = "finance.payment.received.v1"
    aggregate: ClassVar[str] = "payment_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    payment_id: UUID
    dealer_id: int
    currency: str
    amount: Decimal
    invoices: tuple[SettledInvoice, ...]


class PaymentTakenBack(Event):
    """A payment was undone or returned by the bank; what it settled is open again."""

    topic: ClassVar[str] = "finance.payment.taken_back.v1"
    aggregate: ClassVar[str] = "payment_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    payment_id: UUID
    dealer_id: int
    currency: str
    amount: Decimal
    reason: str
    invoice_ids: tuple[UUID, ...]


class CaseOpened(Event):
    """Reconciliation met something it may not decide alone; a person owns it now."""

    topic: ClassVar[str] = "finance.case.opened.v1"
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    kind: str
    reason: str
    reference: str
