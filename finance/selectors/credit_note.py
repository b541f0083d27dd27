"""Credit notes and supplier credits, as far as an actor is a party to them."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from b2b.core.actor import Actor
from finance.models import CreditNote, CreditNoteLine, CreditNoteTax, SupplierCredit


def visible(actor: Actor) -> QuerySet[CreditNote]:
    """Return a dealer's own credit notes, or all for the operator."""
    return CreditNote.objects.visible_to(actor).select_related("dealer", "invoice")


def detailed(actor: Actor) -> QuerySet[CreditNote]:
    """Return credit notes with lines and tax subtotals in order."""
    lines = CreditNoteLine.objects.select_related("invoice_line", "debit_line").order_by("line_number")
    return visible(actor).prefetch_related(
        Prefetch("lines", lines), Prefetch("taxes", CreditNoteTax.objects.order_by("tax_rate"))
    )


def supplier_credits(actor: Actor) -> QuerySet[SupplierCredit]:
    """Return a factory's own supplier credits, or all for the operator."""
    return SupplierCredit.objects.visible_to(actor).select_related("factory")
