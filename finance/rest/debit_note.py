"""Debit notes, for the dealer they charge and for the operator, who issues them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from b2b.core.actor import DEALER, OPERATOR, Actor
from b2b.core.errors import Invalid, Problem
from b2b.http.views import CommandView, DetailView, ListView
from finance.rest.credit_note import CreditNoteShape
from finance.rest.filters import InvoiceFilter
from finance.rest.shapes import AMOUNT, InstalmentShape, InvoiceShape, SettledBy, TaxShape
from finance.selectors import invoice
from finance.services import debit_note, debit_note_credit
from finance.services.debit_note import MOST_LINES, Debited

PARTIES = frozenset({DEALER, OPERATOR})


class DebitNoteShape(InvoiceShape):
    """A debit note without its lines; it is open and paid like an invoice."""

    corrects = serializers.CharField(source="corrects.number")
    reason = serializers.CharField()


class DebitNoteLineShape(serializers.Serializer[Any]):
    """What is charged on top of one line of the invoice."""

    line_number = serializers.IntegerField()
    invoice_line = serializers.IntegerField(source="invoice_line.line_number")
    sku = serializers.CharField(source="invoice_line.sku")
    order = serializers.CharField(source="invoice_line.order_number")
    text = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = serializers.DecimalField(max_digits=18, decimal_places=6)
    tax_category = serializers.CharField()
    tax_rate = serializers.DecimalField(max_digits=6, decimal_places=5)
    net_amount = serializers.DecimalField(**AMOUNT)


class DebitNoteDetail(DebitNoteShape):
    """A debit note with its lines, tax subtotals and what was paid."""

    lines = DebitNoteLineShape(many=True, source="debit_lines")
    taxes = TaxShape(many=True)
    instalments = InstalmentShape(many=True, source="open_instalments")
    allocations = SettledBy(many=True)


class DebitedInput(serializers.Serializer[Any]):
    """So many units of a line of the invoice at so much more each, before tax."""

    line_number = serializers.IntegerField(min_value=1, max_value=10**6)
    quantity = serializers.IntegerField(min_value=1, max_value=10**12)
    unit_price = serializers.DecimalField(max_digits=17, decimal_places=6)
    text = serializers.CharField(max_length=200, default="", allow_blank=True)


class DebitNoteInput(serializers.Serializer[Any]):
    """Which invoice is corrected upwards, why, and by what."""

    invoice = serializers.CharField(max_length=40)
    reason = serializers.CharField(max_length=200)
    lines = DebitedInput(many=True, allow_empty=False, max_length=MOST_LINES)


class DebitNotes(ListView, CommandView):
    """List the debit notes the caller is a party to; POST issues one (operator)."""

    scope, kinds, write_kinds = "finance", PARTIES, frozenset({OPERATOR})
    selector = invoice.debit_notes
    serializer = output = DebitNoteShape
    filterset = InvoiceFilter
    input, status = DebitNoteInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Issue it."""
        corrected = invoice.visible(by).filter(number=data["invoice"]).first()
        if corrected is None:
            raise Invalid(
                problems=[Problem("unknown_invoice", "there is no such invoice", pointer="/invoice")]
            )
        lines = [Debited(**line) for line in data["lines"]]
        return debit_note.issue(corrected.pk, lines, reason=data["reason"], by=by, at=at)


class TakenBackInput(serializers.Serializer[Any]):
    """So many units of a line of the debit note."""

    line_number = serializers.IntegerField(min_value=1, max_value=10**6)
    quantity = serializers.IntegerField(min_value=1, max_value=10**12)


class DebitCreditInput(serializers.Serializer[Any]):
    """Why a debit note is taken back, and how much of which lines; without lines all that is left of it."""

    reason = serializers.CharField(max_length=200)
    lines = TakenBackInput(many=True, required=False, max_length=MOST_LINES)


class CreditDebitNote(CommandView):
    """Take a debit note back, in full or in part, by a credit note (operator)."""

    scope, kinds = "finance", frozenset({OPERATOR})
    input, output, status = DebitCreditInput, CreditNoteShape, 201

    def call(self, data: Any, *, by: Actor, at: Any, debit_note_id: Any) -> Any:
        """Issue the credit note."""
        quantities = {one["line_number"]: one["quantity"] for one in data.get("lines", ())}
        if len(quantities) < len(data.get("lines", ())):
            twice = Problem(
                "line_twice", "a line is named twice", pointer="/lines", remedy="name each line once"
            )
            raise Invalid(problems=[twice])
        return debit_note_credit.credit(debit_note_id, quantities, reason=data["reason"], by=by, at=at)


class OneDebitNote(DetailView):
    """Show a debit note with lines, tax subtotals and what was paid."""

    scope, kinds = "finance", PARTIES
    selector = invoice.debit_notes_detailed
    serializer = DebitNoteDetail
