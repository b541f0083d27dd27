"""What a factory reads and answers: purchase orders, despatch advices, production signals."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from b2b.core.actor import FACTORY, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.http.parsers import Xml, XmlText
from b2b.http.views import CommandView, DetailView, ListView
from orders.rest.filters import DespatchFilter, PurchaseOrderFilter, SignalFilter
from orders.rest.shapes.supply import (
    DespatchInput,
    DespatchShape,
    PurchaseOrderDetail,
    PurchaseOrderShape,
    SignalAnswerInput,
    SignalShape,
)
from orders.selectors import supply as selectors
from orders.services import despatch_advice, despatch_upload, production_signal
from orders.services.despatch_advice import Despatched, HandlingUnit

PARTIES = {FACTORY, OPERATOR}


class PurchaseOrders(ListView):
    """List purchase orders, newest first."""

    scope, kinds = "orders", PARTIES
    selector = selectors.purchase_orders
    serializer = PurchaseOrderShape
    filterset = PurchaseOrderFilter


class OnePurchaseOrder(DetailView):
    """Show a purchase order with its lines."""

    scope, kinds = "orders", PARTIES
    selector = selectors.with_lines
    serializer = PurchaseOrderDetail


class DespatchAdvices(ListView, CommandView):
    """List despatch advices; POST tells what is in a truck."""

    scope, kinds = "orders", PARTIES
    selector = selectors.despatch_advices
    serializer = output = DespatchShape
    filterset = DespatchFilter
    input, status = DespatchInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Take the advice.

        :raises NotFound: when the caller knows no such purchase order.
        """
        order = selectors.purchase_orders(by).filter(pk=data["purchase_order_id"]).first()
        if order is None:
            raise NotFound
        return despatch_advice.receive(
            order,
            lines=[Despatched(**line) for line in data["lines"]],
            units=[HandlingUnit(**unit) for unit in data["units"]],
            expected_at=data["expected_at"],
            external_reference=data["external_reference"],
            by=by,
            at=at,
        )


class UblDespatchAdvices(CommandView):
    """Take a despatch advice as UBL DespatchAdvice 2.0 to 2.4; its number is yours and counts once.

    Faults are told by line of the file, element and remedy, all at once; nothing is taken then.
    """

    scope, kinds = "orders", PARTIES
    output, status = DespatchShape, 201
    parser_classes = [Xml, XmlText]

    @extend_schema(request={Xml.media_type: OpenApiTypes.STR})
    def post(self, request: Any, **where: Any) -> Any:
        """Run the command."""
        return super().post(request, **where)

    def parse(self, request: Any) -> Any:
        """Return the document as it came."""
        return request.data

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Take the document."""
        return despatch_upload.receive_ubl(data or b"", by=by, at=at)


class OneDespatchAdvice(DetailView):
    """Show a despatch advice."""

    scope, kinds = "orders", PARTIES
    selector = selectors.despatch_advices
    serializer = DespatchShape


class Signals(ListView):
    """List production signals, oldest first; `after` continues behind the last one read."""

    scope, kinds = "orders", PARTIES
    selector = selectors.production_signals
    serializer = SignalShape
    filterset = SignalFilter
    ordering = "pk"


class OneSignal(DetailView):
    """Show a production signal."""

    scope, kinds = "orders", PARTIES
    selector = selectors.production_signals
    serializer = SignalShape


class SignalAnswers(CommandView):
    """Answer a production signal: what will be made, line by line; without lines, that it was read."""

    scope, kinds = "orders", PARTIES
    selector = selectors.production_signals
    input, output = SignalAnswerInput, SignalShape

    def call(self, data: Any, *, by: Actor, at: Any, signal_id: UUID) -> Any:
        """Take the answer."""
        signal = self.find()
        if not data["lines"]:
            return production_signal.acknowledge(signal, by=by, at=at)
        committed = {line["line_number"]: line["quantity"] for line in data["lines"]}
        return production_signal.answer(signal, committed=committed, reason=data["reason"], by=by, at=at)
