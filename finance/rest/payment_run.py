"""Paying factories: where they are paid, the runs, the file for the bank and its answer."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from b2b.core.actor import FACTORY, OPERATOR, Actor
from b2b.core.errors import Invalid, Problem
from b2b.directory.selectors import organization
from b2b.http.parsers import Raw, Xml, XmlText
from b2b.http.views import CommandView, DetailView, ListView
from finance.rest.supplier_invoice_shapes import amount
from finance.selectors import payment_run as selectors
from finance.services import payee_account, payment_run, payment_status

PARTIES = frozenset({FACTORY, OPERATOR})
OPERATORS = frozenset({OPERATOR})


class PayeeInput(serializers.Serializer[Any]):
    """An account of a factory; a factory names its own, the operator any factory's."""

    factory = serializers.CharField(max_length=24, required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    holder = serializers.CharField(max_length=70)
    identifier = serializers.CharField(max_length=50)
    bic = serializers.CharField(max_length=11, required=False, default="")


class PayeeShape(serializers.Serializer[Any]):
    """Where a factory is paid; only CONFIRMED accounts are."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    factory = serializers.CharField(source="factory.code")
    currency = serializers.CharField()
    holder = serializers.CharField()
    identifier = serializers.CharField()
    bic = serializers.CharField()
    confirmed_at = serializers.DateTimeField(allow_null=True)


class RunRequest(serializers.Serializer[Any]):
    """Pay from which account what is due until when, on which day."""

    bank_account = serializers.CharField(max_length=40)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    due_until = serializers.DateField()
    execution_date = serializers.DateField()


class PaymentRunShape(serializers.Serializer[Any]):
    """A batch of payments."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    bank_account = serializers.CharField(source="bank_account.identifier")
    currency = serializers.CharField()
    execution_date = serializers.DateField()
    total_amount = amount()
    order_count = serializers.IntegerField()
    proposed_by = serializers.CharField()
    approved_by = serializers.CharField()
    updated_at = serializers.DateTimeField()


class SettledItemShape(serializers.Serializer[Any]):
    """A bill that is paid, or what the factory bears of a claim (negative)."""

    supplier_invoice = serializers.CharField(
        source="supplier_invoice.supplier_number", default=None, allow_null=True
    )
    supplier_credit = serializers.CharField(source="supplier_credit.number", default=None, allow_null=True)
    amount = amount()


class PaymentOrderShape(serializers.Serializer[Any]):
    """A payment to a factory; `number` is the end-to-end id on its bank statement."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    factory = serializers.CharField(source="factory.code")
    identifier = serializers.CharField(source="payee.identifier")
    currency = serializers.CharField()
    amount = amount()
    bank_reason = serializers.CharField()
    items = SettledItemShape(many=True, source="items.all")
    updated_at = serializers.DateTimeField()


class PayeeAccounts(ListView, CommandView):
    """List where factories are paid; POST names an account, which another person confirms."""

    scope, kinds = "finance", PARTIES
    selector = selectors.accounts
    serializer = output = PayeeShape
    input, status = PayeeInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Propose it."""
        code = data.pop("factory", by.organization_code)
        factory = organization.visible(by).filter(code=code, kind=FACTORY).first()
        if factory is None:
            raise Invalid(
                problems=[Problem("unknown_factory", "there is no such factory", pointer="/factory")]
            )
        return payee_account.propose(factory_id=factory.pk, **data, by=by, at=at)


class ConfirmPayeeAccount(CommandView):
    """Confirm an account that somebody else named."""

    scope, kinds, selector = "finance", OPERATORS, selectors.accounts
    output = PayeeShape

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Confirm it."""
        return payee_account.confirm(where["account_id"], by=by, at=at)


class PaymentRuns(ListView, CommandView):
    """List payment runs; POST gathers what is due into a new one, which another person approves."""

    scope, kinds = "finance", OPERATORS
    selector = selectors.runs
    serializer = output = PaymentRunShape
    input, status = RunRequest, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Propose it."""
        account = selectors.own_account(by, data["bank_account"], data["currency"])
        if account is None:
            raise Invalid(
                problems=[Problem("unknown_account", "we have no such account", pointer="/bank_account")]
            )
        return payment_run.propose(
            account.pk, due_until=data["due_until"], execution_date=data["execution_date"], by=by, at=at
        )


class OnePaymentRun(DetailView):
    """Show a payment run."""

    scope, kinds = "finance", OPERATORS
    selector = selectors.runs
    serializer = PaymentRunShape


class ApprovePaymentRun(CommandView):
    """Pay what somebody else proposed."""

    scope, kinds, selector = "finance", OPERATORS, selectors.runs
    output = PaymentRunShape

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Approve it."""
        return payment_run.approve(where["run_id"], by=by, at=at)


class PaymentRunFile(CommandView):
    """Hand an approved run over to the bank as pain.001.001.09; asked again, the same bytes."""

    scope, kinds, selector = "finance", OPERATORS, selectors.runs

    @extend_schema(request=None, responses={(200, "application/xml"): OpenApiTypes.STR})
    def post(self, request: Request, **where: Any) -> Any:
        """Write it."""
        return self.command(request)

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Mark it sent."""
        return payment_run.hand_over(where["run_id"], by=by, at=at)

    def _answer(self, result: Any) -> Any:
        return HttpResponse(result, content_type="application/xml")


class PaymentStatusReports(CommandView):
    """Take a bank's answer to a run, pain.002 of any version: what is refused is open again and has a case."""

    scope, kinds = "finance", OPERATORS
    output = PaymentRunShape
    parser_classes: ClassVar[list[type[Raw]]] = [Xml, XmlText]

    @extend_schema(request={Xml.media_type: OpenApiTypes.STR})
    def post(self, request: Any, **where: Any) -> Any:
        """Run the command."""
        return super().post(request, **where)

    def parse(self, request: Any) -> Any:
        """Return the document as it came."""
        return request.data

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Take the report."""
        return payment_status.take(data or b"", by=by, at=at)


class PaymentOrders(ListView):
    """List payments to factories with what each settles; a factory its own."""

    scope, kinds = "finance", PARTIES
    selector = selectors.orders
    serializer = PaymentOrderShape
