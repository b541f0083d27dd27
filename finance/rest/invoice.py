"""Invoices, payments and credit, for the dealer they are about and for the operator."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from b2b.core.actor import DEALER, OPERATOR, Actor
from b2b.core.errors import Invalid, Problem
from b2b.core.money import Money
from b2b.directory.selectors import organization
from b2b.http.views import ApiView, CommandView, DetailView, ListView
from finance.rest.filters import InvoiceFilter, PaymentFilter
from finance.rest.shapes import (
    InvoiceDetail,
    InvoiceShape,
    LimitInput,
    LimitShape,
    PaymentShape,
    PositionShape,
)
from finance.selectors import credit, invoice, payment
from finance.services import exposure

PARTIES = frozenset({DEALER, OPERATOR})


class Invoices(ListView):
    """List the invoices the caller is a party to."""

    scope, kinds = "finance", PARTIES
    selector = invoice.visible
    serializer = InvoiceShape
    filterset = InvoiceFilter


class OneInvoice(DetailView):
    """Show an invoice with lines, tax subtotals and what was paid."""

    scope, kinds = "finance", PARTIES
    selector = invoice.detailed
    serializer = InvoiceDetail


class Payments(ListView):
    """List the payments the caller is a party to, with the invoices they settled."""

    scope, kinds = "finance", PARTIES
    selector = payment.visible
    serializer = PaymentShape
    filterset = PaymentFilter


class PositionQuery(serializers.Serializer[Any]):
    """Which currency; the dealer's own when none is named."""

    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)


class Credit(ApiView):
    """Show what the calling dealer may owe, owes, has ordered, and may still order."""

    scope, kinds = "finance", frozenset({DEALER})
    serializer = PositionShape

    @extend_schema(parameters=[PositionQuery], responses=PositionShape)
    def get(self, request: Request) -> Response:
        """Answer with the position."""
        query = PositionQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        own = organization.visible(self.actor).get(pk=self.actor.organization_id)
        asked = query.validated_data.get("currency", own.currency)
        return Response(self.present(PositionShape, credit.position(self.actor, own.pk, asked)))


class CreditLimits(ListView, CommandView):
    """List credit limits as they were set; POST sets one (operator)."""

    scope, kinds, write_kinds = "finance", PARTIES, frozenset({OPERATOR})
    selector = credit.limits
    serializer = LimitShape
    input, output, status = LimitInput, LimitShape, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Set the limit."""
        party = organization.visible(by).filter(code=data["dealer"], kind=DEALER).first()
        if party is None:
            raise Invalid(problems=[Problem("unknown_dealer", "there is no such dealer", pointer="/dealer")])
        amount = Money.of(data["amount"], data["currency"])
        return exposure.set_limit(party_id=party.pk, amount=amount, reason=data["reason"], by=by, at=at)
