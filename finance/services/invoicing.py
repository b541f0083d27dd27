"""Raise invoices from what was delivered at the terms agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from b2b.contracts.finance import InvoicedLine, InvoiceIssued
from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.core.quantity import largest_remainder
from b2b.db import sequences
from b2b.db.locks import advisory_lock
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from b2b.outbox.publish import publish
from finance.models import Instalment, Invoice, InvoiceLine, InvoiceTax
from finance.policies.chart import MAIN, OUTPUT_TAX, RECEIVABLES, REVENUE
from finance.policies.entry import Entry, Line, entry_id
from finance.policies.references import PREFIX, reference_key, series
from finance.policies.trade_document import INVOICE
from finance.selectors import instalments, trade_document
from finance.selectors.invoice import invoiced_in_full
from finance.services import chart, credit, freight, invoice_draft, ledger, numbering
from finance.services.chart import Wanted
from finance.services.credit import Share
from finance.services.invoice_draft import Delivery, Draft


@unit_of_work()
def invoice_delivery(delivery: Delivery, *, by: Actor, at: datetime) -> list[Invoice]:
    """Invoice what arrived, once per shipment, currency and payment terms; called again, return what was issued.

    Posts receivable against revenue and output tax, lets the invoices use the credit their orders held, and accrues
    the freight.

    :raises TermsMissing: when the terms of a line are not known at the version that was delivered.
    """
    advisory_lock(f"finance.invoice:{delivery.shipment_id}")
    issued = list(
        Invoice.objects.filter(shipment_id=delivery.shipment_id, type_code=INVOICE).order_by("number")
    )
    if issued:
        return issued
    freight.accrue(
        shipment_id=delivery.shipment_id,
        carrier_id=delivery.carrier_id,
        amount=Money.of(delivery.freight_amount, delivery.currency),
        by=by,
        at=at,
    )
    drafts = invoice_draft.of_delivery(delivery)
    if not drafts:
        return []
    invoices = _issue(drafts, delivery, by=by, at=at)
    for draft in drafts:  # one draft but for a shipment that mixes currencies or payment terms
        credit.turn_into_receivable(
            source_id=draft.id,
            dealer_id=delivery.dealer_id,
            currency=draft.currency,
            shares=_shares(draft),
            by=by,
            at=at,
        )
    record(((invoice, "issue", "", invoice.status) for invoice in invoices), by=by, at=at)
    publish(*(_told(invoice, draft, at=at) for invoice, draft in zip(invoices, drafts, strict=True)))
    return invoices


def _issue(drafts: Sequence[Draft], delivery: Delivery, *, by: Actor, at: datetime) -> list[Invoice]:
    seller = chart.seller()
    issue_date = timezone.localtime(at).date()
    delivered_date = timezone.localtime(delivery.delivered_at).date()
    entries = _entries(drafts, delivery.dealer_id, issue_date=issue_date, at=at)
    ledger.post_late(entries, by=by)
    values = numbering.take("invoice", seller, [delivery.dealer_id] * len(drafts))
    plan = instalments.plan_of(delivery.dealer_id)
    named = trade_document.parties(seller, Organization.objects.get(pk=delivery.dealer_id))
    invoices, parts = [], []
    for draft, value in zip(drafts, values, strict=True):
        number = sequences.number(PREFIX, seller.code.upper(), value)
        due = invoice_draft.instalments(draft, delivered_date, plan)
        parts += [(draft.id, place, part) for place, part in enumerate(due, 1)]
        invoices.append(
            Invoice(
                id=draft.id,
                number=number,
                reference_key=reference_key(series(PREFIX, seller.code), value),
                seller=seller,
                dealer_id=delivery.dealer_id,
                shipment_id=delivery.shipment_id,
                shipment_number=delivery.number,
                currency=draft.currency,
                issue_date=issue_date,
                delivered_at=delivery.delivered_at,
                payment_terms_days=draft.days,
                due_date=due[-1].due_date if due else delivered_date + timedelta(days=draft.days),
                net_amount=draft.totals.net_amount,
                tax_amount=draft.totals.tax_amount,
                gross_amount=draft.totals.gross_amount,
                open_amount=draft.totals.gross_amount,
                party_details=named,
                entry_id=entry_id("invoice", draft.id),
                created_at=at,
                updated_at=at,
            )
        )
    Invoice.objects.bulk_create(invoices)
    InvoiceLine.objects.bulk_create(invoice_draft.lines(drafts, delivery.dealer_id))
    InvoiceTax.objects.bulk_create(invoice_draft.taxes(drafts, delivery.dealer_id))
    Instalment.objects.bulk_create(
        Instalment(
            invoice_id=key,
            number=place,
            dealer_id=delivery.dealer_id,
            due_date=part.due_date,
            amount=part.amount,
        )
        for key, place, part in parts
    )
    return invoices


def _entries(drafts: Sequence[Draft], dealer_id: int, *, issue_date: date, at: datetime) -> list[Entry]:
    wanted = {
        draft.currency: (
            Wanted(RECEIVABLES, draft.currency, dealer_id),
            Wanted(REVENUE, draft.currency),
            Wanted(OUTPUT_TAX, draft.currency),
        )
        for draft in drafts
    }
    keys = chart.accounts(one for three in wanted.values() for one in three)
    book = chart.books()[MAIN]
    entries = []
    for draft in drafts:
        totals = (draft.totals.gross_amount, -draft.totals.net_amount, -draft.totals.tax_amount)
        lines = (
            Line(keys[account], Money(amount, draft.currency).minor)
            for account, amount in zip(wanted[draft.currency], totals, strict=True)
        )
        entries.append(
            Entry(
                id=entry_id("invoice", draft.id),
                book_id=book,
                kind="invoice",
                effective_date=issue_date,
                booked_at=at,
                lines=tuple(line for line in lines if line.amount),
                source_type="invoice",
                source_id=str(draft.id),
            )
        )
    return entries


def _shares(draft: Draft) -> Mapping[UUID, Share]:
    """Split the gross amount over the orders, so that the parts sum to it exactly (largest remainder)."""
    weights: dict[UUID, Decimal] = {}
    for terms, _, net, _ in draft.lines:
        weights[terms.order_id] = weights.get(terms.order_id, Decimal(0)) + net * (1 + terms.tax_rate)
    # Three decimals of an amount times five of a rate: exact as whole numbers.
    whole = [int(weight * 10**8) for weight in weights.values()]
    gross = Money(draft.totals.gross_amount, draft.currency).minor
    parts = largest_remainder(gross, whole if any(whole) else [1] * len(whole))
    complete = invoiced_in_full(list(weights))
    return {
        order: Share(part, is_complete=order in complete) for order, part in zip(weights, parts, strict=True)
    }


def _told(invoice: Invoice, draft: Draft, *, at: datetime) -> InvoiceIssued:
    values: dict[str, Any] = {
        name: getattr(invoice, name)
        for name in (
            "number",
            "dealer_id",
            "currency",
            "net_amount",
            "tax_amount",
            "gross_amount",
            "due_date",
        )
    }
    return InvoiceIssued(
        occurred_at=at,
        invoice_id=invoice.pk,
        lines=tuple(
            InvoicedLine(
                order_id=terms.order_id,
                order_line_id=terms.order_line_id,
                quantity=quantity,
                net_amount=net,
            )
            for terms, quantity, net, _ in draft.lines
        ),
        **values,
    )
