"""Production signals as messages of the trade: EDIFACT DELFOR and UBL Forecast out, ORDRSP and OrderResponse in."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from b2b.core.actor import FACTORY, OPERATOR, Actor
from b2b.http.parsers import Raw, Xml, XmlText
from b2b.http.views import ApiView, CommandView
from orders.policies import signal_message
from orders.rest.shapes.supply import SignalShape
from orders.selectors import supply as selectors
from orders.services import signal_exchange

PARTIES = {FACTORY, OPERATOR}


class Edifact(Raw):
    """An EDIFACT interchange."""

    media_type = "application/EDIFACT"


class EdifactText(Raw):
    """An EDIFACT interchange sent as plain text."""

    media_type = "text/plain"


class SignalDelfor(ApiView):
    """A production signal as EDIFACT DELFOR D.97A; SCC tells how binding each week is."""

    scope, kinds = "orders", PARTIES
    selector = selectors.production_signals

    @extend_schema(responses={(200, "application/EDIFACT"): OpenApiTypes.STR})
    def get(self, request: Request, signal_id: UUID) -> HttpResponse:
        """Write it."""
        signal = self.find()
        return _file(
            signal_message.delfor(signal_exchange.message(signal)),
            "application/EDIFACT",
            f"{signal.number}.edi",
        )


class SignalForecast(ApiView):
    """A production signal as UBL Forecast 2.4; ForecastTypeCode tells how binding each week is (UNCL 4017)."""

    scope, kinds = "orders", PARTIES
    selector = selectors.production_signals

    @extend_schema(responses={(200, "application/xml"): OpenApiTypes.STR})
    def get(self, request: Request, signal_id: UUID) -> HttpResponse:
        """Write it."""
        signal = self.find()
        return _file(
            signal_message.forecast(signal_exchange.message(signal)),
            "application/xml",
            f"{signal.number}.xml",
        )


def _file(content: str | bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


class _Document(CommandView):
    """Take a document as the answer to the signal that it names."""

    scope, kinds = "orders", PARTIES
    output = SignalShape
    take: ClassVar[Any]

    def parse(self, request: Any) -> Any:
        """Return the document as it came."""
        return request.data

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Take the document."""
        return type(self).take(data or b"", by=by, at=at)


class EdifactSignalAnswers(_Document):
    """Answer a production signal by EDIFACT ORDRSP: `RFF+ON` names it, LIN our lines with 5, 3 or 7 (UN/ECE 1229).

    Faults are told by segment, element and remedy, all at once; nothing is taken then.
    """

    take = staticmethod(signal_exchange.receive_ordrsp)
    parser_classes = [Edifact, EdifactText]

    @extend_schema(request={Edifact.media_type: OpenApiTypes.STR})
    def post(self, request: Any, **where: Any) -> Any:
        """Run the command."""
        return super().post(request, **where)


class UblSignalAnswers(_Document):
    """Answer a production signal by UBL OrderResponse 2.0 to 2.4: OrderReference names it, LineItem/ID our lines.

    Faults are told by line of the file, element and remedy, all at once; nothing is taken then.
    """

    take = staticmethod(signal_exchange.receive_order_response)
    parser_classes = [Xml, XmlText]

    @extend_schema(request={Xml.media_type: OpenApiTypes.STR})
    def post(self, request: Any, **where: Any) -> Any:
        """Run the command."""
        return super().post(request, **where)
