"""EPCIS 2.0: query and capture, as the standard's REST interface has them."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from b2b.core import clock
from b2b.core.actor import CARRIER, DEALER, FACTORY, OPERATOR, Actor
from b2b.core.epcis import document
from b2b.core.errors import Invalid, Problem
from b2b.http.parsers import StrictJSON
from b2b.http.views import ApiView, CommandView, DetailView
from warehousing.models import EpcisCapture
from warehousing.selectors import epcis
from warehousing.services import epcis_capture

PARTIES = {DEALER, FACTORY, CARRIER, OPERATOR}
HEADERS = {"GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0"}
SHOWN_ERRORS, MOST_ERRORS = 100, 1000
BEHAVIOUR = "GS1-Capture-Error-Behaviour"


class LinkedData(StrictJSON):
    """EPCIS documents travel as JSON-LD too."""

    media_type = "application/ld+json"


class AsSent(serializers.BaseSerializer[Any]):
    """Takes a JSON object as it is; the service looks at it."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the value."""
        return data

    def to_representation(self, instance: Any) -> Any:
        """Return the value."""
        return instance


class EpcisDocument(serializers.Serializer[Any]):
    """An EPCISDocument or EPCISQueryDocument in JSON-LD (https://ref.gs1.org/standards/epcis/)."""

    type = serializers.CharField()
    schemaVersion = serializers.CharField()  # noqa: N815 - the standard's name
    creationDate = serializers.DateTimeField()  # noqa: N815 - the standard's name
    epcisBody = serializers.DictField()  # noqa: N815 - the standard's name


class CaptureJob(serializers.Serializer[EpcisCapture]):
    """What became of a captured document."""

    captureID = serializers.UUIDField(source="pk")  # noqa: N815 - the standard's name
    createdAt = serializers.DateTimeField(source="created_at")  # noqa: N815 - the standard's name
    finishedAt = serializers.DateTimeField(source="finished_at")  # noqa: N815 - the standard's name
    running = serializers.BooleanField(default=False)
    success = serializers.BooleanField(source="is_success")
    captureErrorBehaviour = serializers.CharField(source="behaviour")  # noqa: N815 - the standard's name
    events = serializers.IntegerField(source="event_count")
    taken = serializers.IntegerField(source="taken_count")
    errorCount = serializers.IntegerField(source="error_count")  # noqa: N815 - in the standard's manner
    errors = serializers.SerializerMethodField()

    def get_errors(self, capture: EpcisCapture) -> list[dict[str, Any]]:
        """The first hundred; all of them are at errors/."""
        first: list[dict[str, Any]] = capture.errors[:SHOWN_ERRORS]
        return first

    def to_representation(self, instance: EpcisCapture) -> dict[str, Any]:
        """A capture is done when it is answered."""
        return {**super().to_representation(instance), "running": False}


class CaptureErrorPage(serializers.Serializer[Any]):
    """Problems of a captured document, in its order."""

    captureID = serializers.UUIDField()  # noqa: N815 - the standard's name
    errors = serializers.ListField(child=serializers.DictField())


_PAGES = [
    OpenApiParameter("perPage", OpenApiTypes.INT, description="At most 1000; 100 unless told."),
    OpenApiParameter("nextPageToken", OpenApiTypes.STR, description="From the Link of the page before."),
]
_QUERY = [
    OpenApiParameter(name, OpenApiTypes.STR, description="See EPCIS 2.0, section 8.2.7; lists by commas.")
    for name in epcis.PARAMETERS
]


class Events(ApiView):
    """Query EPCIS events that concern you; pages by perPage and nextPageToken, the next one in Link."""

    scope, kinds = "epcis", PARTIES
    serializer = EpcisDocument

    @extend_schema(parameters=_QUERY, responses=EpcisDocument)
    def get(self, request: Request) -> Response:
        """Answer with an EPCISQueryDocument."""
        page = epcis.query(self.actor, request.query_params.dict())
        headers = dict(HEADERS)
        if page.next_token:
            following = replace_query_param(request.build_absolute_uri(), "nextPageToken", page.next_token)
            headers["Link"] = f'<{following}>; rel="next"'
        return Response(document.query_document(page.events, at=clock.now()), headers=headers)


class OneEvent(ApiView):
    """Show one EPCIS event by its eventID, percent-encoded in the path."""

    scope, kinds = "epcis", PARTIES
    serializer = EpcisDocument

    @extend_schema(operation_id="epcis_event_retrieve", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, event_id: str) -> Response:
        """Answer with the event."""
        return Response(document.single(epcis.told(epcis.by_id(self.actor, event_id))), headers=HEADERS)


class Capture(CommandView):
    """Send an EPCISDocument; answers with a capture job that names what is wrong, event by event.

    GS1-Capture-Error-Behaviour: `rollback` (default) takes all or nothing, `proceed` the good events.
    """

    scope, kinds = "epcis", PARTIES
    parser_classes = [StrictJSON, LinkedData]
    input, output = AsSent, CaptureJob
    status = HTTPStatus.ACCEPTED

    @extend_schema(request=EpcisDocument, responses={202: CaptureJob})
    def post(self, request: Request, **where: Any) -> Any:
        """Capture."""
        return super().post(request, **where)

    def call(self, data: Any, *, by: Actor, at: datetime, **where: Any) -> Any:
        """Call the service."""
        behaviour = self.request.headers.get(BEHAVIOUR, "rollback").lower()
        if behaviour not in EpcisCapture.Behaviour.values:
            raise Invalid(
                f"{BEHAVIOUR} is rollback or proceed",
                problems=[Problem("bad_header", "rollback or proceed", field=BEHAVIOUR)],
            )
        return epcis_capture.capture(data, behaviour=behaviour, by=by, at=at)

    def _answer(self, result: Any) -> HttpResponse:
        response = super()._answer(result)
        response["Location"] = self.request.build_absolute_uri(f"/api/v1/epcis/capture/{result.pk}")
        return response


class CaptureErrors(ApiView):
    """List everything that was wrong with a captured document, page by page; the next one in Link."""

    scope, kinds = "epcis", PARTIES
    serializer = CaptureErrorPage

    @extend_schema(parameters=_PAGES, responses=CaptureErrorPage)
    def get(self, request: Request, capture_id: UUID) -> Response:
        """Answer with a page of problems."""
        most = _whole(request, "perPage", SHOWN_ERRORS, MOST_ERRORS)
        after = _whole(request, "nextPageToken", 0, 10**9)
        found = epcis.errors_of(self.actor, capture_id, after=after, most=most + 1)
        headers = dict(HEADERS)
        if len(found) > most:
            here = request.build_absolute_uri()
            headers["Link"] = f'<{replace_query_param(here, "nextPageToken", after + most)}>; rel="next"'
        return Response({"captureID": str(capture_id), "errors": found[:most]}, headers=headers)


def _whole(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    least = 1 if name == "perPage" else 0
    if not (text.isascii() and text.isdigit() and len(text) < 11 and least <= int(text) <= most):
        raise Invalid(
            f"{name} is a whole number up to {most}",
            problems=[Problem("bad_parameter", f"a whole number up to {most}", field=name)],
        )
    return int(text)


class OneCapture(DetailView):
    """Show what became of a captured document."""

    scope, kinds = "epcis", PARTIES
    selector = epcis.captures
    serializer = CaptureJob
