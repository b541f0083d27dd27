"""Invoices as a party may see them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from b2b.core.actor import Actor
from b2b.db.bulk import fetch
from finance.models import DebitNote, DebitNoteLine, Instalment, Invoice
from finance.policies.trade_document import DEBIT_NOTE


def visible(actor: Actor) -> QuerySet[Invoice]:
    """Return the invoices `actor` may see."""
    return Invoice.objects.visible_to(actor).select_related("dealer", "seller")


def detailed(actor: Actor) -> QuerySet[Invoice]:
    """Return the same with lines, instalments, tax subtotals and allocations."""
    in_order = Prefetch("instalments", Instalment.objects.order_by("number"))
    return visible(actor).prefetch_related(in_order, "lines", "taxes", "allocations__payment")


def debit_notes(actor: Actor) -> QuerySet[DebitNote]:
    """Return the debit notes `actor` may see, with what they correct."""
    found = DebitNote.objects.visible_to(actor).filter(type_code=DEBIT_NOTE)
    return found.select_related("dealer", "seller", "corrects")


def debit_notes_detailed(actor: Actor) -> QuerySet[DebitNote]:
    """Return the same with lines, instalments, tax subtotals and allocations."""
    lines = Prefetch(
        "debit_lines", DebitNoteLine.objects.select_related("invoice_line").order_by("line_number")
    )
    return debit_notes(actor).prefetch_related(lines, "taxes", "instalments", "allocations__payment")


def invoiced_in_full(orders: list[UUID]) -> set[UUID]:
    """Return those orders of which every line was invoiced at least as often as ordered."""
    rows = fetch(
        """
        SELECT terms.order_id FROM finance_billingterms terms
        LEFT JOIN (
            SELECT order_line_id, sum(quantity) AS quantity FROM finance_invoiceline WHERE order_line_id IN
                (SELECT order_line_id FROM finance_billingterms WHERE order_id = ANY(%(orders)s::uuid[]))
            GROUP BY order_line_id) invoiced USING (order_line_id)
        WHERE terms.order_id = ANY(%(orders)s::uuid[])
        GROUP BY terms.order_id HAVING bool_and(coalesce(invoiced.quantity, 0) >= terms.quantity)
        """,
        {"orders": orders},
    )
    return {order for (order,) in rows}
