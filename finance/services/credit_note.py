"""Credit dealers: returned goods at the price they were billed. Issue credit notes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.utils import timezone

from b2b.contracts.finance import CreditedLine, CreditNoteIssued
from b2b.contracts.warehousing import ReturnedLine
from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.core.quantity import largest_remainder
from b2b.db import sequences
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import advisory_lock
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from finance.models import CreditNote, CreditNoteLine, CreditNoteTax
from finance.policies.chart import ADVANCES, MAIN, OUTPUT_TAX, RECEIVABLES, REVENUE
from finance.policies.entry import Entry, Line, entry_id
from finance.services import chart, credit_note_draft, exposure, ledger, numbering
from finance.services.chart import Wanted
from finance.services.credit_note_draft import Draft
from finance.services.exposure import Settled
from finance.states import INVOICE

PREFIX: Final = "CN"
_OPEN: Final = {"id": "uuid", "open_amount": "numeric", "status": "text", "updated_at": "timestamptz"}
_INVOICED: Final = {"order_id": "uuid", "amount": "bigint"}


@dataclass(frozen=True, slots=True)
class Cause:
    """What a credit note is issued for: goods of a return, or a reason."""

    return_receipt_id: UUID | None = None
    return_id: UUID | None = None
    reason: str = ""


@unit_of_work()
def credit_return(
    *, return_receipt_id: UUID, return_id: UUID, lines: Iterable[ReturnedLine], by: Actor, at: datetime
) -> list[CreditNote]:
    """Credit what came back, one note per invoice; called again, return what was issued.

    Posts revenue and output tax against the receivable, and what was paid already against the dealer's advances;
    gives back the credit the invoices used. Publishes CreditNoteIssued.

    :raises InvoiceMissing: when the goods were not invoiced yet. :raises OverCredited: beyond what was billed.
    """
    advisory_lock(f"finance.credit_note:{return_receipt_id}")
    issued = list(CreditNote.objects.filter(return_receipt_id=return_receipt_id).order_by("number"))
    returned = [line for line in lines if line.quantity and line.return_line_id is not None]
    if issued or not returned:
        return issued
    drafts = credit_note_draft.of_returned(returned)
    notes = issue(drafts, Cause(return_receipt_id, return_id), by=by, at=at)
    _forget_invoiced(drafts)
    publish(*(_told(note, draft, return_id, at=at) for note, draft in zip(notes, drafts, strict=True)))
    return notes


def issue(drafts: Sequence[Draft], cause: Cause, *, by: Actor, at: datetime) -> list[CreditNote]:
    """Post and write credit notes over locked invoices, and take them off these; a constant number of statements."""
    seller = chart.seller()
    ledger.post_late([*_entries(drafts, cause, at=at), *_repaid(drafts, at=at)], by=by)
    values = numbering.take("credit_note", seller, [draft.invoice.dealer_id for draft in drafts])
    notes = CreditNote.objects.bulk_create(
        CreditNote(
            id=draft.id,
            number=sequences.number(PREFIX, seller.code.upper(), value),
            seller=seller,
            dealer_id=draft.invoice.dealer_id,
            invoice=draft.invoice,
            return_receipt_id=cause.return_receipt_id,
            return_id=cause.return_id,
            reason=cause.reason,
            currency=draft.invoice.currency,
            issue_date=timezone.localtime(at).date(),
            net_amount=draft.net,
            tax_amount=draft.tax,
            gross_amount=draft.gross,
            settled_amount=draft.settled,
            advance_amount=draft.gross - draft.settled,
            party_details=draft.invoice.party_details,
            entry_id=_entry_id(draft, cause),
            created_at=at,
            updated_at=at,
        )
        for draft, value in zip(drafts, values, strict=True)
    )
    CreditNoteLine.objects.bulk_create(
        CreditNoteLine(
            credit_note_id=draft.id,
            line_number=number,
            dealer_id=draft.invoice.dealer_id,
            invoice_line=part.line,
            debit_line=part.debit_line,
            return_line_id=part.return_line_id,
            quantity=part.quantity,
            unit_price=part.billed.unit_price,
            tax_rate=part.billed.tax_rate,
            net_amount=part.net,
        )
        for draft in drafts
        for number, part in enumerate(draft.lines, 1)
    )
    CreditNoteTax.objects.bulk_create(
        CreditNoteTax(
            credit_note_id=draft.id,
            dealer_id=draft.invoice.dealer_id,
            tax_category=part.category,
            tax_rate=part.tax_rate,
            taxable_amount=part.taxable_amount,
            tax_amount=part.tax_amount,
        )
        for draft in drafts
        for part in draft.subtotals
    )
    _lower(drafts, by=by, at=at)
    record(((note, "issue", "", note.status) for note in notes), by=by, at=at, reason=cause.reason)
    return notes


def _entry_id(draft: Draft, cause: Cause) -> UUID:
    if cause.return_receipt_id is None:
        return entry_id("credit_note", draft.id)
    return entry_id("credit_note", cause.return_receipt_id, draft.invoice.pk)


def _entries(drafts: Sequence[Draft], cause: Cause, *, at: datetime) -> list[Entry]:
    keys = chart.accounts(
        Wanted(code, draft.invoice.currency, party)
        for draft in drafts
        for code, party in (
            (REVENUE, None),
            (OUTPUT_TAX, None),
            (RECEIVABLES, draft.invoice.dealer_id),
            (ADVANCES, draft.invoice.dealer_id),
        )
    )
    book = chart.books()[MAIN]
    entries = []
    for draft in drafts:
        currency, dealer = draft.invoice.currency, draft.invoice.dealer_id
        legs = (
            (Wanted(REVENUE, currency), draft.net, ""),
            (Wanted(OUTPUT_TAX, currency), draft.tax, ""),
            (Wanted(RECEIVABLES, currency, dealer), -draft.settled, f"invoice:{draft.invoice.number}"),
            (Wanted(ADVANCES, currency, dealer), draft.settled - draft.gross, ""),
        )
        entries.append(
            Entry(
                id=_entry_id(draft, cause),
                book_id=book,
                kind="credit_note",
                effective_date=timezone.localtime(at).date(),
                booked_at=at,
                lines=tuple(
                    Line(keys[account], Money(amount, currency).minor, dimension)
                    for account, amount, dimension in legs
                    if amount
                ),
                source_type="credit_note",
                source_id=str(draft.id),
            )
        )
    return entries


def _repaid(drafts: Sequence[Draft], *, at: datetime) -> list[Entry]:
    return exposure.repayments(
        [
            Settled(
                "credit_note",
                str(draft.id),
                draft.invoice.dealer_id,
                draft.invoice.currency,
                Money(draft.settled, draft.invoice.currency).minor,
            )
            for draft in drafts
        ],
        at=at,
    )


def _lower(drafts: Sequence[Draft], *, by: Actor, at: datetime) -> None:
    """Take what was open off the invoices."""
    rows, moves = [], []
    for draft in drafts:
        invoice = draft.invoice
        if not draft.settled:
            continue
        invoice.open_amount -= draft.settled
        verb = "credit_partly" if invoice.open_amount else "credit"
        before, invoice.status = invoice.status, INVOICE.next(invoice.status, verb)
        rows.append((invoice.pk, invoice.open_amount, invoice.status, at))
        moves.append((invoice, verb, before, invoice.status))
    execute(
        f"""
        UPDATE finance_invoice kept SET open_amount = given.open_amount, status = given.status,
            version = kept.version + 1, updated_at = given.updated_at
        FROM {unnest(_OPEN)} WHERE kept.id = given.id
        """,
        transpose(list(_OPEN), rows),
    )
    record(moves, by=by, at=at)


def _forget_invoiced(drafts: Sequence[Draft]) -> None:
    """Let the orders' holds no longer count what was credited as invoiced: their value falls by it, too."""
    amounts: dict[UUID, int] = defaultdict(int)
    for draft in drafts:
        weights: dict[UUID, Decimal] = defaultdict(Decimal)
        for part in draft.lines:
            weights[part.line.order_id] += part.net * (1 + part.line.tax_rate)
        whole = [int(weight * 10**8) for weight in weights.values()]
        gross = Money(draft.gross, draft.invoice.currency).minor
        parts = largest_remainder(gross, whole if any(whole) else [1] * len(whole))
        for order_id, amount in zip(weights, parts, strict=True):
            amounts[order_id] += amount
    execute(
        f"""
        UPDATE finance_credithold kept SET invoiced = greatest(0, kept.invoiced - given.amount)
        FROM {unnest(_INVOICED)} WHERE kept.order_id = given.order_id
        """,
        transpose(list(_INVOICED), amounts.items()),
    )


def _told(note: CreditNote, draft: Draft, return_id: UUID, *, at: datetime) -> CreditNoteIssued:
    return CreditNoteIssued(
        occurred_at=at,
        credit_note_id=note.pk,
        number=note.number,
        invoice_id=draft.invoice.pk,
        invoice_number=draft.invoice.number,
        return_id=return_id,
        dealer_id=note.dealer_id,
        currency=note.currency,
        net_amount=note.net_amount,
        tax_amount=note.tax_amount,
        gross_amount=note.gross_amount,
        settled_amount=note.settled_amount,
        lines=tuple(
            CreditedLine(
                order_id=part.line.order_id,
                order_line_id=part.line.order_line_id,
                return_line_id=part.return_line_id or 0,
                quantity=part.quantity,
                net_amount=part.net,
            )
            for part in draft.lines
        ),
    )
