"""Credit notes for the dealer they are about, supplier credits for the factory, both for the operator."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from b2b.core.actor import DEALER, FACTORY, OPERATOR
from b2b.http.views import DetailView, ListView
from finance.rest.filters import CreditNoteFilter
from finance.selectors import credit_note


def _amount(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=18, decimal_places=3, **options)


class CreditNoteShape(serializers.Serializer[Any]):
    """A credit note without its lines: what came off the invoice, and what stays to the dealer's credit."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    dealer = serializers.CharField(source="dealer.code")
    invoice_id = serializers.UUIDField()
    invoice = serializers.CharField(source="invoice.number")
    return_id = serializers.UUIDField(allow_null=True)
    reason = serializers.CharField()
    currency = serializers.CharField()
    issue_date = serializers.DateField()
    net_amount = _amount()
    tax_amount = _amount()
    gross_amount = _amount()
    settled_amount = _amount()
    advance_amount = _amount()
    updated_at = serializers.DateTimeField()


class CreditedLineShape(serializers.Serializer[Any]):
    """A quantity at the price it was billed; `debit_note_line` says which line of a debit note is taken back."""

    line_number = serializers.IntegerField()
    sku = serializers.CharField(source="invoice_line.sku")
    order = serializers.CharField(source="invoice_line.order_number")
    debit_note_line = serializers.IntegerField(source="debit_line.line_number", allow_null=True, default=None)
    quantity = serializers.IntegerField()
    unit_price = serializers.DecimalField(max_digits=18, decimal_places=6)
    tax_rate = serializers.DecimalField(max_digits=6, decimal_places=5)
    net_amount = _amount()


class CreditedTaxShape(serializers.Serializer[Any]):
    """The tax credited at one rate."""

    tax_rate = serializers.DecimalField(max_digits=6, decimal_places=5)
    taxable_amount = _amount()
    tax_amount = _amount()


class CreditNoteDetail(CreditNoteShape):
    """A credit note with lines and tax subtotals."""

    lines = CreditedLineShape(many=True, source="lines.all")
    taxes = CreditedTaxShape(many=True, source="taxes.all")


class SupplierCreditShape(serializers.Serializer[Any]):
    """What a factory bears of a claim, taken off what it is owed."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    factory = serializers.CharField(source="factory.code")
    claim_id = serializers.UUIDField()
    claim = serializers.CharField(source="claim_number")
    currency = serializers.CharField()
    issue_date = serializers.DateField()
    amount = _amount()
    updated_at = serializers.DateTimeField()


class CreditNotes(ListView):
    """List the credit notes the caller is a party to."""

    scope, kinds = "finance", frozenset({DEALER, OPERATOR})
    selector = credit_note.visible
    serializer = CreditNoteShape
    filterset = CreditNoteFilter


class OneCreditNote(DetailView):
    """Show a credit note with lines and tax subtotals."""

    scope, kinds = "finance", frozenset({DEALER, OPERATOR})
    selector = credit_note.detailed
    serializer = CreditNoteDetail


class SupplierCredits(ListView):
    """List what factories bear of claims."""

    scope, kinds = "finance", frozenset({FACTORY, OPERATOR})
    selector = credit_note.supplier_credits
    serializer = SupplierCreditShape
