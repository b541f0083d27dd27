"""Charge a dealer more for goods that were invoiced before (a debit note, UN/ECE 1001 code 383)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.utils import timezone

from b2b.contracts.finance import DebitedLine, DebitNoteIssued
from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid, NotFound, Problem
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db import sequences
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from finance.models import DebitNote, DebitNoteLine, Instalment, Invoice, InvoiceLine, InvoiceTax
from finance.policies import tax
from finance.policies.chart import MAIN, OUTPUT_TAX, RECEIVABLES, REVENUE
from finance.policies.entry import Entry, Line, entry_id
from finance.policies.references import DEBIT_PREFIX, reference_key, series
from finance.policies.tax import Amount, Tax, Totals
from finance.policies.trade_document import DEBIT_NOTE, INVOICE
from finance.services import chart, exposure, ledger, numbering
from finance.services.chart import Wanted

MOST_LINES: Final = 1_000
LARGEST: Final = Decimal(10) ** 11


class InvalidDebitNote(Invalid):
    """A debit note says what it charges for which line of which invoice, and why."""

    code = "invalid_debit_note"


@dataclass(frozen=True, slots=True)
class Debited:
    """So many units of a line of the invoice at so much more each, before tax."""

    line_number: int
    quantity: int
    unit_price: Decimal
    text: str = ""


Drafted = tuple[InvoiceLine, Debited, Decimal]


@unit_of_work()
def issue(invoice_id: UUID, lines: Sequence[Debited], *, reason: str, by: Actor, at: datetime) -> DebitNote:
    """Charge more on an invoice: due by its terms from today, taxed as its lines are, owed and paid like an invoice.

    Posts receivable against revenue and output tax and uses the dealer's credit. Publishes DebitNoteIssued.

    :raises Forbidden: for anyone but the operator. :raises NotFound: when there is no such invoice.
    :raises InvalidDebitNote: naming each line that charges nothing, or for nothing of the invoice.
    """
    if not by.sees_all:
        raise Forbidden("debit notes are the operator's to issue")
    corrected = Invoice.objects.filter(pk=invoice_id, type_code=INVOICE).select_related("dealer").first()
    if corrected is None:
        raise NotFound("there is no such invoice")
    drafted = _draft(corrected, lines, reason)
    totals = tax.totals_of(
        [Amount(Tax(line.tax_category, line.tax_rate), net) for line, _, net in drafted], corrected.currency
    )
    key = uuid7()
    ledger.post_late([_entry(key, corrected, totals, at=at), *_used(key, corrected, totals, at=at)], by=by)
    note = _write(key, corrected, drafted, totals, reason=reason, at=at)
    record([(note, "issue", "", note.status)], by=by, at=at)
    publish(_told(note, corrected, drafted, at=at))
    return note


def _draft(corrected: Invoice, lines: Sequence[Debited], reason: str) -> list[Drafted]:
    """Price the lines, or say everything that is wrong with them."""
    problems = []
    if not reason.strip():
        problems.append(Problem("no_reason", "say why more is charged", pointer="/reason"))
    if not 1 <= len(lines) <= MOST_LINES:
        wrong = f"a debit note has 1 to {MOST_LINES} lines"
        problems.append(Problem("line_count", wrong, pointer="/lines", remedy="say what is charged"))
    known = {line.line_number: line for line in corrected.lines.all()}
    drafted: list[Drafted] = []
    for place, one in enumerate(lines):
        of = known.get(one.line_number)
        if of is None:
            problems.append(
                Problem("unknown_line", f"{corrected.number} has no line {one.line_number}",
                        pointer=f"/lines/{place}/line_number", remedy="give the number of a line of the invoice")
            )  # fmt: skip
            continue
        is_sane = (
            one.quantity > 0 and 0 < one.unit_price < LARGEST and one.quantity * one.unit_price < LARGEST
        )
        net = tax.line_net(one.quantity, one.unit_price, corrected.currency) if is_sane else Decimal(0)
        if net <= 0:
            problems.append(
                Problem("nothing_charged", f"line {one.line_number} charges nothing, or too much",
                        pointer=f"/lines/{place}", remedy="give a quantity and a unit price above zero")
            )  # fmt: skip
            continue
        drafted.append((of, one, net))
    if problems:
        raise InvalidDebitNote("The debit note has faults; nothing was issued.", problems=problems)
    return drafted


def _entry(key: UUID, corrected: Invoice, totals: Totals, *, at: datetime) -> Entry:
    currency = corrected.currency
    legs = (
        (Wanted(RECEIVABLES, currency, corrected.dealer_id), totals.gross_amount),
        (Wanted(REVENUE, currency), -totals.net_amount),
        (Wanted(OUTPUT_TAX, currency), -totals.tax_amount),
    )
    keys = chart.accounts(account for account, _ in legs)
    return Entry(
        id=entry_id("debit_note", key),
        book_id=chart.books()[MAIN],
        kind="debit_note",
        effective_date=timezone.localtime(at).date(),
        booked_at=at,
        lines=tuple(Line(keys[account], Money(amount, currency).minor) for account, amount in legs if amount),
        source_type="invoice",
        source_id=str(key),
    )


def _used(key: UUID, corrected: Invoice, totals: Totals, *, at: datetime) -> Iterable[Entry]:
    """Let it use the dealer's credit, past the limit if need be: what it charges for has happened."""
    pair = (corrected.dealer_id, corrected.currency)
    yield exposure.of_dealers([pair])[pair].entry(
        Money(totals.gross_amount, corrected.currency).minor,
        kind="credit_used",
        at=at,
        key=entry_id("credit_used", key),
        source_type="invoice",
        source_id=str(key),
        forced=True,
    )


def _write(
    key: UUID,
    corrected: Invoice,
    drafted: Sequence[Drafted],
    totals: Totals,
    *,
    reason: str,
    at: datetime,
) -> DebitNote:
    seller = chart.seller()
    [value] = numbering.take("debit_note", seller, [corrected.dealer_id])
    today = timezone.localtime(at).date()
    due = today + timedelta(days=corrected.payment_terms_days)
    note = DebitNote.objects.create(
        id=key,
        type_code=DEBIT_NOTE,
        corrects=corrected,
        reason=reason.strip()[:200],
        number=sequences.number(DEBIT_PREFIX, seller.code.upper(), value),
        reference_key=reference_key(series(DEBIT_PREFIX, seller.code), value),
        seller=seller,
        dealer_id=corrected.dealer_id,
        shipment_id=corrected.shipment_id,
        shipment_number=corrected.shipment_number,
        delivered_at=corrected.delivered_at,
        currency=corrected.currency,
        issue_date=today,
        payment_terms_days=corrected.payment_terms_days,
        due_date=due,
        net_amount=totals.net_amount,
        tax_amount=totals.tax_amount,
        gross_amount=totals.gross_amount,
        open_amount=totals.gross_amount,
        party_details=corrected.party_details,
        entry_id=entry_id("debit_note", key),
        created_at=at,
        updated_at=at,
    )
    whose = {"dealer_id": corrected.dealer_id}
    DebitNoteLine.objects.bulk_create(
        DebitNoteLine(
            debit_note_id=key,
            line_number=number,
            invoice_line=of,
            text=(one.text.strip() or of.product_name)[:200],
            quantity=one.quantity,
            unit_price=one.unit_price,
            tax_category=of.tax_category,
            tax_rate=of.tax_rate,
            net_amount=net,
            **whose,
        )
        for number, (of, one, net) in enumerate(drafted, 1)
    )
    InvoiceTax.objects.bulk_create(
        InvoiceTax(
            invoice_id=key,
            tax_category=part.category,
            tax_rate=part.tax_rate,
            taxable_amount=part.taxable_amount,
            tax_amount=part.tax_amount,
            **whose,
        )
        for part in totals.subtotals
    )
    Instalment.objects.create(invoice_id=key, number=1, due_date=due, amount=totals.gross_amount, **whose)
    return note


def _told(
    note: DebitNote, corrected: Invoice, drafted: Sequence[Drafted], *, at: datetime
) -> DebitNoteIssued:
    return DebitNoteIssued(
        occurred_at=at,
        debit_note_id=note.pk,
        number=note.number,
        invoice_id=corrected.pk,
        invoice_number=corrected.number,
        dealer_id=note.dealer_id,
        currency=note.currency,
        net_amount=note.net_amount,
        tax_amount=note.tax_amount,
        gross_amount=note.gross_amount,
        due_date=note.due_date,
        reason=note.reason,
        lines=tuple(
            DebitedLine(
                order_id=of.order_id, order_line_id=of.order_line_id, quantity=one.quantity, net_amount=net
            )
            for of, one, net in drafted
        ),
    )
