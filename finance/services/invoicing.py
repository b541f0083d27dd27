"""Raise invoices from what was delivered at the terms agreed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from b2b.contracts.finance import InvoicedLine, InvoiceIssued
from b2b.contracts.logistics import DeliveredLine
from b2b.core.actor import Actor
from b2b.core.errors import NotYet
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.core.quantity import largest_remainder
from b2b.db import sequences
from b2b.db.locks import advisory_lock, lock
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from finance.models import BillingTerms, Invoice, InvoiceLine, InvoiceTax
from finance.policies import tax
from finance.policies.chart import MAIN, OUTPUT_TAX, RECEIVABLES, REVENUE
from finance.policies.entry import Entry, Line, entry_id
from finance.policies.matching import PREFIX, reference_key, series
from finance.selectors.invoice import invoiced_in_full
from finance.services import chart, credit, freight, ledger, numbering
from finance.services.chart import Wanted
from finance.services.credit import Share


class TermsMissing(NotYet):
    """The terms of a delivered line have not arrived, or are older than what was delivered."""

    code = "terms_missing"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A drop that a dealer signed for, as logistics tells it; freight in its own currency."""

    shipment_id: UUID
    number: str
    dealer_id: int
    carrier_id: int
    delivered_at: datetime
    currency: str
    freight_amount: Decimal
    lines: Sequence[DeliveredLine]


@dataclass(slots=True)
class _Draft:
    """One invoice in the making: lines of one currency and one due date."""

    currency: str
    days: int
    lines: list[tuple[BillingTerms, int, Decimal]] = field(default_factory=list)
    id: UUID = field(default_factory=uuid7)
    totals: tax.Totals | None = None


@unit_of_work()
def invoice_delivery(delivery: Delivery, *, by: Actor, at: datetime) -> list[Invoice]:
    """Invoice what arrived, once per shipment, currency and payment terms; called again, return what was issued.

    Posts receivable against revenue and output tax, lets the invoices use the credit their orders held, and accrues
    the freight.

    :raises TermsMissing: when the terms of a line are not known at the version that was delivered.
    """
    advisory_lock(f"finance.invoice:{delivery.shipment_id}")
    issued = list(Invoice.objects.filter(shipment_id=delivery.shipment_id).order_by("number"))
    if issued:
        return issued
    freight.accrue(
        shipment_id=delivery.shipment_id,
        carrier_id=delivery.carrier_id,
        amount=Money.of(delivery.freight_amount, delivery.currency),
        by=by,
        at=at,
    )
    drafts = _drafts(delivery)
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


def _drafts(delivery: Delivery) -> list[_Draft]:
    quantities: dict[int, int] = {}
    versions: dict[int, int] = {}
    for line in delivery.lines:
        if line.delivered_quantity > 0:
            key = line.order_line_id
            quantities[key] = quantities.get(key, 0) + line.delivered_quantity
            versions[key] = max(versions.get(key, 0), line.order_version)
    # Held, so that a change of the order comes wholly before or wholly after the invoice.
    held = lock(BillingTerms.objects.filter(pk__in=quantities).select_related("product"))
    terms = {one.order_line_id: one for one in held}
    stale = [
        key for key, version in versions.items() if key not in terms or terms[key].order_version < version
    ]
    if stale:
        raise TermsMissing(f"no current terms for order lines {stale[:10]}", lines=stale)
    drafts: dict[tuple[str, int], _Draft] = {}
    for one in sorted(terms.values(), key=lambda one: (one.order_number, one.line_number)):
        draft = drafts.setdefault(
            (one.currency, one.payment_terms_days), _Draft(one.currency, one.payment_terms_days)
        )
        quantity = quantities[one.order_line_id]
        draft.lines.append((one, quantity, tax.line_net(quantity, one.unit_price, one.currency)))
    for draft in drafts.values():
        draft.totals = tax.totals(((one.tax_rate, net) for one, _, net in draft.lines), draft.currency)
    return [drafts[key] for key in sorted(drafts)]


def _issue(drafts: Sequence[_Draft], delivery: Delivery, *, by: Actor, at: datetime) -> list[Invoice]:
    seller = chart.seller()
    issue_date = timezone.localtime(at).date()
    delivered_date = timezone.localtime(delivery.delivered_at).date()
    entries = _entries(drafts, delivery.dealer_id, issue_date=issue_date, at=at)
    ledger.post(entries, by=by)
    values = numbering.take("invoice", seller, [delivery.dealer_id] * len(drafts))
    invoices = []
    for draft, value in zip(drafts, values, strict=True):
        assert draft.totals is not None
        number = sequences.number(PREFIX, seller.code.upper(), value)
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
                due_date=delivered_date + timedelta(days=draft.days),
                net_amount=draft.totals.net_amount,
                tax_amount=draft.totals.tax_amount,
                gross_amount=draft.totals.gross_amount,
                open_amount=draft.totals.gross_amount,
                entry_id=entry_id("invoice", draft.id),
                created_at=at,
                updated_at=at,
            )
        )
    Invoice.objects.bulk_create(invoices)
    InvoiceLine.objects.bulk_create(_lines(drafts, delivery.dealer_id))
    InvoiceTax.objects.bulk_create(_taxes(drafts, delivery.dealer_id))
    return invoices


def _entries(drafts: Sequence[_Draft], dealer_id: int, *, issue_date: date, at: datetime) -> list[Entry]:
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
        assert draft.totals is not None
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


def _lines(drafts: Iterable[_Draft], dealer_id: int) -> list[InvoiceLine]:
    return [
        InvoiceLine(
            invoice_id=draft.id,
            line_number=number,
            dealer_id=dealer_id,
            order_id=terms.order_id,
            order_number=terms.order_number,
            order_line_id=terms.order_line_id,
            product_id=terms.product_id,
            sku=terms.product.sku,
            product_name=terms.product.name,
            quantity=quantity,
            unit_price=terms.unit_price,
            tax_rate=terms.tax_rate,
            net_amount=net,
        )
        for draft in drafts
        for number, (terms, quantity, net) in enumerate(draft.lines, 1)
    ]


def _taxes(drafts: Iterable[_Draft], dealer_id: int) -> list[InvoiceTax]:
    return [
        InvoiceTax(
            invoice_id=draft.id,
            dealer_id=dealer_id,
            tax_rate=part.tax_rate,
            taxable_amount=part.taxable_amount,
            tax_amount=part.tax_amount,
        )
        for draft in drafts
        for part in (draft.totals.subtotals if draft.totals else ())
    ]


def _shares(draft: _Draft) -> Mapping[UUID, Share]:
    """Split the gross amount over the orders, so that the parts sum to it exactly (largest remainder)."""
    assert draft.totals is not None
    weights: dict[UUID, Decimal] = {}
    for terms, _, net in draft.lines:
        weights[terms.order_id] = weights.get(terms.order_id, Decimal(0)) + net * (1 + terms.tax_rate)
    # Three decimals of an amount times five of a rate: exact as whole numbers.
    whole = [int(weight * 10**8) for weight in weights.values()]
    gross = Money(draft.totals.gross_amount, draft.currency).minor
    parts = largest_remainder(gross, whole if any(whole) else [1] * len(whole))
    complete = invoiced_in_full(list(weights))
    return {
        order: Share(part, is_complete=order in complete) for order, part in zip(weights, parts, strict=True)
    }


def _told(invoice: Invoice, draft: _Draft, *, at: datetime) -> InvoiceIssued:
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
            for terms, quantity, net in draft.lines
        ),
        **values,
    )
