"""Invoices and credit notes as they are sent: what the actor may see, put together for paper and UBL."""

from __future__ import annotations

from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from django.utils import timezone

from b2b.catalog.models import Product
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import NotFound
from b2b.directory.models import Organization
from finance.models import BankAccount, CreditNoteLine, DebitNoteLine, Invoice, InvoiceLine
from finance.policies.en16931 import BilledLine
from finance.policies.tax import Subtotal, Tax, Totals
from finance.policies.trade_document import CREDIT_NOTE, DEBIT_NOTE, Instalment, Party, TradeDocument
from finance.selectors import credit_note, invoice


def of_invoice(actor: Actor, invoice_id: Any) -> TradeDocument:
    """Return an invoice, or a debit note, that the actor may see.

    :raises NotFound: when there is none.
    """
    found = invoice.detailed(actor).select_related("corrects").filter(pk=invoice_id).first()
    if found is None:
        raise NotFound("there is no such invoice")
    return TradeDocument(
        type_code=found.type_code,
        number=found.number,
        issue_date=found.issue_date,
        due_date=found.due_date,
        delivered_date=timezone.localtime(found.delivered_at).date(),
        delivery=found.shipment_number,
        currency=found.currency,
        seller=Party(**found.party_details["seller"]),
        buyer=Party(**found.party_details["buyer"]),
        lines=_billed(found),
        totals=_totals(found),
        instalments=tuple(
            Instalment(one.due_date, one.amount) for one in found.instalments.order_by("number")
        ),
        pay_to=_accounts(found.currency),
        corrects=found.corrects.number if found.corrects else "",
        note=found.reason,
    )


def _billed(found: Invoice) -> tuple[BilledLine, ...]:
    if found.type_code == DEBIT_NOTE:
        debited = found.debit_lines.select_related("invoice_line").order_by("line_number")
        named = {str(line.line_number): line.text for line in debited}
        written = _lines((line, line.invoice_line) for line in debited)
        return tuple(replace(line, name=named[line.number]) for line in written)
    return _lines((line, line) for line in found.lines.order_by("line_number"))


def of_credit_note(actor: Actor, credit_note_id: Any) -> TradeDocument:
    """Return a credit note the actor may see.

    :raises NotFound: when there is none.
    """
    found = credit_note.detailed(actor).filter(pk=credit_note_id).first()
    if found is None:
        raise NotFound("there is no such credit note")
    rows = list(found.lines.all())
    what_for = {str(one.line_number): one.debit_line.text for one in rows if one.debit_line}
    lines = _lines((one, one.invoice_line) for one in rows)
    return TradeDocument(
        type_code=CREDIT_NOTE,
        number=found.number,
        issue_date=found.issue_date,
        currency=found.currency,
        seller=Party(**found.party_details["seller"]),
        buyer=Party(**found.party_details["buyer"]),
        lines=tuple(replace(one, name=what_for.get(one.number, one.name)) for one in lines),
        totals=_totals(found),
        corrects=found.invoice.number,
        note=found.reason,
    )


def parties(seller: Organization, buyer: Organization) -> dict[str, dict[str, str]]:
    """Return both as they are called today, to be kept with a document."""
    return {"seller": asdict(_party(seller)), "buyer": asdict(_party(buyer))}


def _party(one: Organization) -> Party:
    return Party(one.code, one.name, one.country, one.vat_number, one.uscc, one.gln)


def _lines(pairs: Any) -> tuple[BilledLine, ...]:
    """Write (line, the invoice line it is of) pairs."""
    rows: list[tuple[InvoiceLine | CreditNoteLine | DebitNoteLine, InvoiceLine]] = list(pairs)
    products = Product.objects.in_bulk({billed.product_id for _, billed in rows})
    return tuple(
        BilledLine(
            row=0,
            number=str(line.line_number),
            quantity=Decimal(line.quantity),
            unit_price=line.unit_price,
            net_amount=line.net_amount,
            tax=Tax(billed.tax_category, line.tax_rate),
            name=billed.product_name,
            order=billed.order_number,
            buyers_sku=billed.sku,
            gtin=products[billed.product_id].gtin,
            unit_code=products[billed.product_id].base_unit,
        )
        for line, billed in rows
    )


def _totals(found: Any) -> Totals:
    parts = sorted(found.taxes.all(), key=lambda part: part.tax_rate)
    return Totals(
        found.net_amount,
        found.tax_amount,
        found.gross_amount,
        tuple(Subtotal(one.tax_rate, one.taxable_amount, one.tax_amount, one.tax_category) for one in parts),
        line_amount=found.net_amount,
    )


def _accounts(currency: str) -> tuple[str, ...]:
    """Return where to pay to; bank accounts are the operator's, their numbers stand on every invoice."""
    with acting_as(system("invoice")):
        found = BankAccount.objects.filter(currency=currency).order_by("pk")
        return tuple(found.values_list("identifier", flat=True))
