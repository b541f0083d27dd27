"""Invoices and credit notes as files, and in which parts invoices are due."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from b2b.core.actor import DEALER, OPERATOR, Actor
from b2b.core.errors import Invalid, Problem
from b2b.core.paper import sheet
from b2b.directory.selectors import organization
from b2b.http.views import ApiView, CommandView, ListView
from finance.policies import document_sheet, ubl_document
from finance.policies.instalment import MOST_PARTS, WHOLE, Part
from finance.policies.trade_document import TradeDocument
from finance.selectors import credit_note, instalments, invoice, trade_document
from finance.services import payment_plan

PARTIES = frozenset({DEALER, OPERATOR})


def pdf(document: TradeDocument) -> bytes:
    """Draw a document, A4."""
    return sheet.pdf(
        document_sheet.pages(document),
        width=document_sheet.WIDTH_MM,
        height=document_sheet.HEIGHT_MM,
        title=f"{document.title} {document.number}",
    )


class _File(ApiView):
    scope, kinds = "finance", PARTIES
    find_document: ClassVar[Callable[[Actor, Any], TradeDocument]]
    write: ClassVar[Callable[[TradeDocument], bytes]] = staticmethod(pdf)
    content_type: ClassVar[str] = "application/pdf"
    suffix: ClassVar[str] = "pdf"

    def respond(self, key: Any) -> HttpResponse:
        """Answer with the file."""
        document = type(self).find_document(self.actor, key)
        return HttpResponse(
            type(self).write(document),
            content_type=self.content_type,
            headers={"Content-Disposition": f'inline; filename="{document.number}.{self.suffix}"'},
        )


class InvoicePdf(_File):
    """An invoice as PDF."""

    selector, find_document = invoice.visible, staticmethod(trade_document.of_invoice)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, invoice_id: Any) -> Any:
        """Draw it."""
        return self.respond(invoice_id)


class InvoiceUbl(_File):
    """An invoice as UBL 2.1 after EN 16931 (Peppol BIS Billing 3.0)."""

    selector, find_document = invoice.visible, staticmethod(trade_document.of_invoice)
    write = staticmethod(ubl_document.write)
    content_type, suffix = "application/xml", "xml"

    @extend_schema(responses={(200, "application/xml"): OpenApiTypes.STR})
    def get(self, request: Request, invoice_id: Any) -> Any:
        """Write it."""
        return self.respond(invoice_id)


class CreditNotePdf(_File):
    """A credit note as PDF."""

    selector, find_document = credit_note.visible, staticmethod(trade_document.of_credit_note)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, credit_note_id: Any) -> Any:
        """Draw it."""
        return self.respond(credit_note_id)


class CreditNoteUbl(_File):
    """A credit note as UBL 2.1 after EN 16931 (Peppol BIS Billing 3.0)."""

    selector, find_document = credit_note.visible, staticmethod(trade_document.of_credit_note)
    write = staticmethod(ubl_document.write)
    content_type, suffix = "application/xml", "xml"

    @extend_schema(responses={(200, "application/xml"): OpenApiTypes.STR})
    def get(self, request: Request, credit_note_id: Any) -> Any:
        """Write it."""
        return self.respond(credit_note_id)


class PlanPartShape(serializers.Serializer[Any]):
    """A share of each invoice in basis points, due so many days after delivery."""

    days = serializers.IntegerField(min_value=0, max_value=3650)
    share = serializers.IntegerField(min_value=1, max_value=WHOLE)


class PaymentPlanInput(serializers.Serializer[Any]):
    """The plan of a dealer; without parts the terms of each order count again."""

    dealer = serializers.CharField(max_length=24)
    parts = PlanPartShape(many=True, allow_empty=True, max_length=MOST_PARTS)
    reason = serializers.CharField(max_length=200)


class PaymentPlanShape(serializers.Serializer[Any]):
    """A plan as it was set; the latest of a dealer counts."""

    id = serializers.IntegerField()
    dealer = serializers.CharField(source="dealer.code")
    days = serializers.ListField(child=serializers.IntegerField())
    shares = serializers.ListField(child=serializers.IntegerField())
    reason = serializers.CharField()
    set_by = serializers.CharField()
    set_at = serializers.DateTimeField()


class PaymentPlans(ListView, CommandView):
    """List in which parts dealers pay their invoices; POST sets a plan (operator)."""

    scope, kinds, write_kinds = "finance", PARTIES, frozenset({OPERATOR})
    selector = instalments.plans
    serializer = output = PaymentPlanShape
    input, status = PaymentPlanInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Set it."""
        dealer = organization.visible(by).filter(code=data["dealer"], kind=DEALER).first()
        if dealer is None:
            raise Invalid(problems=[Problem("unknown_dealer", "there is no such dealer", pointer="/dealer")])
        parts = [Part(**part) for part in data["parts"]]
        return payment_plan.set_plan(dealer_id=dealer.pk, parts=parts, reason=data["reason"], by=by, at=at)
