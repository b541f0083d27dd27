"""Invoices of carriers: sent by them, read by both sides, decided by the operator where they differ."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django_filters import rest_framework as filters
from rest_framework import serializers

from b2b.core.actor import CARRIER, OPERATOR, Actor
from b2b.core.errors import Forbidden
from b2b.http.views import CommandView, DetailView, ListView
from logistics.models import FreightInvoice
from logistics.policies.freight_match import FINDINGS
from logistics.rest.inputs import ReasonInput
from logistics.selectors import freight
from logistics.services import freight_invoice

HAULIERS = (CARRIER, OPERATOR)


class BilledTripInput(serializers.Serializer[Any]):
    """What is asked for one trip, net."""

    trip = serializers.CharField(max_length=40)
    amount = serializers.DecimalField(max_digits=18, decimal_places=3)


class FreightInvoiceInput(serializers.Serializer[Any]):
    """A carrier's invoice for trips it has driven; tax is of all lines together."""

    number = serializers.CharField(max_length=40)
    issue_date = serializers.DateField()
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    tax_amount = serializers.DecimalField(max_digits=18, decimal_places=3, default=0)
    lines = BilledTripInput(many=True, allow_empty=False, max_length=freight_invoice.MOST_LINES)


class FreightInvoiceShape(serializers.Serializer[Any]):
    """A carrier's invoice, beside what its trips were to cost."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    carrier = serializers.CharField(source="carrier.code")
    status = serializers.CharField()
    issue_date = serializers.DateField()
    currency = serializers.CharField()
    net_amount = serializers.DecimalField(max_digits=18, decimal_places=3)
    tax_amount = serializers.DecimalField(max_digits=18, decimal_places=3)
    gross_amount = serializers.DecimalField(max_digits=18, decimal_places=3)
    expected_amount = serializers.DecimalField(max_digits=18, decimal_places=3)


class FreightLineShape(serializers.Serializer[Any]):
    """What is asked for one trip, what it was to cost, and what is wrong with it."""

    trip = serializers.CharField(source="trip_number")
    amount = serializers.DecimalField(max_digits=18, decimal_places=3)
    expected_amount = serializers.DecimalField(max_digits=18, decimal_places=3)
    finding = serializers.CharField()
    explanation = serializers.SerializerMethodField()

    def get_explanation(self, line: Any) -> str:
        """Say what is wrong."""
        return FINDINGS.get(line.finding, "")


class FreightInvoiceDetail(FreightInvoiceShape):
    """The same, line by line."""

    lines = FreightLineShape(many=True)


class FreightInvoiceFilter(filters.FilterSet):
    """By status, number or carrier."""

    carrier = filters.CharFilter(field_name="carrier__code", max_length=32)

    class Meta:
        model = FreightInvoice
        fields = ("status", "number")


class FreightInvoices(ListView, CommandView):
    """List invoices of carriers; POST sends the caller's own. The same again changes nothing."""

    scope, kinds, write_kinds = "logistics", HAULIERS, (CARRIER,)
    selector = freight.invoices
    serializer = FreightInvoiceShape
    output = FreightInvoiceDetail
    filterset = FreightInvoiceFilter
    input, status = FreightInvoiceInput, HTTPStatus.CREATED

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Take it and match it."""
        if by.organization_id is None:
            raise Forbidden("a carrier sends its own invoices")
        lines = [(line["trip"], line["amount"]) for line in data.pop("lines")]
        bill = freight_invoice.Bill(carrier_id=by.organization_id, lines=lines, **data)
        return freight_invoice.receive(bill, by=by, at=at)


class OneFreightInvoice(DetailView):
    """Show an invoice line by line."""

    scope, kinds = "logistics", HAULIERS
    selector = freight.detailed
    serializer = FreightInvoiceDetail


class AcceptFreightInvoice(CommandView):
    """Owe a disputed invoice as it was sent; for the operator."""

    scope, kinds = "logistics", HAULIERS
    selector = freight.invoices
    input, output = ReasonInput, FreightInvoiceShape

    def call(self, data: Any, *, by: Actor, at: Any, invoice_id: UUID) -> Any:
        """Accept it."""
        return freight_invoice.accept(invoice_id, by=by, at=at, **data)


class RejectFreightInvoice(CommandView):
    """Refuse a disputed invoice; for the operator."""

    scope, kinds = "logistics", HAULIERS
    selector = freight.invoices
    input, output = ReasonInput, FreightInvoiceShape

    def call(self, data: Any, *, by: Actor, at: Any, invoice_id: UUID) -> Any:
        """Reject it."""
        return freight_invoice.reject(invoice_id, by=by, at=at, **data)
