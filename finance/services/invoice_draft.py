"""What is to be invoiced of a delivery: drafts of one currency and payment terms, and the rows they become."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from b2b.contracts.logistics import DeliveredLine
from b2b.core.errors import NotYet
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db.locks import lock
from b2b.directory.models import Organization
from finance.models import BillingTerms, InvoiceLine, InvoiceTax
from finance.policies import instalment, tax, tax_profile
from finance.policies.instalment import WHOLE, Part
from finance.policies.tax import Amount, Tax
from finance.policies.trade_document import Instalment
from finance.services import chart


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
class Draft:
    """One invoice in the making: lines of one currency and one due date, each (terms, quantity, net, how taxed)."""

    currency: str
    days: int
    lines: list[tuple[BillingTerms, int, Decimal, Tax]] = field(default_factory=list)
    id: UUID = field(default_factory=uuid7)
    totals: tax.Totals = field(default_factory=lambda: tax.totals_of((), ""))


def of_delivery(delivery: Delivery) -> list[Draft]:
    """Return a draft for each currency and payment terms of what arrived; holds the terms until the end.

    :raises TermsMissing: when the terms of a line are not known at the version that was delivered.
    """
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
    seller, dealer = chart.seller(), Organization.objects.get(pk=delivery.dealer_id)
    drafts: dict[tuple[str, int], Draft] = {}
    for one in sorted(terms.values(), key=lambda one: (one.order_number, one.line_number)):
        draft = drafts.setdefault(
            (one.currency, one.payment_terms_days), Draft(one.currency, one.payment_terms_days)
        )
        quantity = quantities[one.order_line_id]
        how = tax_profile.of_sale(one.tax_rate, seller.country, dealer.country, dealer.vat_number)
        net = tax.line_net(quantity, one.unit_price, one.currency)
        draft.lines.append((one, quantity, net, how))
    for draft in drafts.values():
        draft.totals = tax.totals_of([Amount(how, net) for *_, net, how in draft.lines], draft.currency)
    return [drafts[key] for key in sorted(drafts)]


def lines(drafts: Iterable[Draft], dealer_id: int) -> list[InvoiceLine]:
    """Return the lines of the invoices."""
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
            tax_category=how.category,
            tax_rate=terms.tax_rate,
            net_amount=net,
        )
        for draft in drafts
        for number, (terms, quantity, net, how) in enumerate(draft.lines, 1)
    ]


def taxes(drafts: Iterable[Draft], dealer_id: int) -> list[InvoiceTax]:
    """Return the tax subtotals of the invoices."""
    return [
        InvoiceTax(
            invoice_id=draft.id,
            dealer_id=dealer_id,
            tax_category=part.category,
            tax_rate=part.tax_rate,
            taxable_amount=part.taxable_amount,
            tax_amount=part.tax_amount,
        )
        for draft in drafts
        for part in draft.totals.subtotals
    ]


def instalments(draft: Draft, delivered: date, plan: Sequence[Part]) -> tuple[Instalment, ...]:
    """Return in which parts an invoice is due: by the dealer's plan, else in one by the terms of the order."""
    gross = Money.of(draft.totals.gross_amount, draft.currency)
    return instalment.split(gross, delivered, plan or [Part(draft.days, WHOLE)])
