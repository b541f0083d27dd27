"""The driver's page: opened by a link that is good for one trip, usable without a network; it tells actions later."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from b2b.core import clock
from b2b.core.actor import Actor, acting_as
from b2b.core.errors import DomainError, Invalid, Problem
from b2b.http.problems import of_domain
from logistics.models import DriverPass
from logistics.policies import photo
from logistics.rest.inputs import OutcomeInput, Position
from logistics.selectors import driving
from logistics.services import driver, driver_pass

MOST_ACTIONS: Final = 200
View = Callable[..., HttpResponseBase]


class ActionContent(serializers.Serializer[Any]):
    """What the kind of an action needs."""

    stop = serializers.IntegerField(min_value=1, required=False)
    shipment_id = serializers.UUIDField(required=False)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)
    signer_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    signer_role = serializers.CharField(max_length=80, required=False, allow_blank=True)
    photo_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", required=False)
    signature_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", required=False)
    position = Position(required=False, allow_null=True)
    lines = OutcomeInput(many=True, required=False, max_length=5_000)

    def to_internal_value(self, data: Any) -> Any:
        """Write keys as text, so that the content can be kept as it came."""
        value = super().to_internal_value(data)
        if "shipment_id" in value:
            value["shipment_id"] = str(value["shipment_id"])
        return value


class ActionInput(serializers.Serializer[Any]):
    """One thing the driver did; `id` is the device's own name for it."""

    id = serializers.CharField(max_length=64)
    kind = serializers.ChoiceField(choices=list(driver.KINDS))
    occurred_at = serializers.DateTimeField()
    content = ActionContent(required=False, default=dict)


def with_pass(view: View) -> View:
    """Let a view act for the carrier of the pass its URL names; refusals are problems as everywhere."""

    @never_cache
    @wraps(view)
    def opened(request: HttpRequest, secret: str, **where: Any) -> HttpResponseBase:
        try:
            held, actor = driver_pass.recognise(secret, at=clock.now())
            with acting_as(actor):
                return view(request, held, actor, **where)
        except DomainError as error:
            return of_domain(request, error)

    return opened


@require_GET
@with_pass
def page(request: HttpRequest, held: DriverPass, actor: Actor) -> HttpResponse:
    """Show the trip; the page keeps itself and what it is told for a time without a network."""
    trip = driving.trip(actor, held.trip_id)
    return TemplateResponse(request, "logistics/drive.html", {"trip": trip, "largest": photo.LARGEST})


@require_GET
@with_pass
def state(request: HttpRequest, held: DriverPass, actor: Actor) -> HttpResponse:
    """Answer with the trip as the platform knows it."""
    return JsonResponse(driving.trip(actor, held.trip_id))


@csrf_exempt
@require_POST
@with_pass
def actions(request: HttpRequest, held: DriverPass, actor: Actor) -> HttpResponse:
    """Carry out actions in their order; each is answered."""
    try:
        told = JSONParser().parse(request)
    except ParseError as error:
        raise Invalid("the body is not JSON") from error
    rows = told.get("actions") if isinstance(told, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST_ACTIONS:
        raise Invalid(f"send an object with up to {MOST_ACTIONS} actions")
    given = ActionInput(data=rows, many=True)
    if not given.is_valid():
        raise Invalid("some actions cannot be read", problems=list(_faults(given.errors)))
    now = clock.now()
    answers = driver.act(
        held,
        [
            driver.Action(one["id"], one["kind"], one["occurred_at"], dict(one["content"]))
            for one in given.validated_data
        ],
        by=actor,
        at=now,
    )
    return JsonResponse({"answers": [{"id": one.action_id, "problem": one.problem} for one in answers]})


def _faults(errors: Any) -> Any:
    for row, fault in errors.items() if isinstance(errors, dict) else enumerate(errors):
        for name, said in fault.items():
            yield Problem("invalid", str(said), f"/actions/{row}/{name}")


@csrf_exempt
@require_POST
@with_pass
def evidence(
    request: HttpRequest, held: DriverPass, actor: Actor, shipment_id: UUID, kind: str
) -> HttpResponse:
    """Keep a photo or a signature, sent as the body, and answer with its SHA-256."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    content = request.read(photo.LARGEST + 1) if length <= photo.LARGEST else bytes(photo.LARGEST + 1)
    named = driver.keep_evidence(held, shipment_id, kind, content, by=actor, at=clock.now())
    return JsonResponse({"sha256": named}, status=201)


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Serve the page's service worker from where it may serve the page."""
    found = finders.find("logistics/drive_worker.js")
    with open(found, encoding="utf-8") as script:
        return HttpResponse(
            script.read(), content_type="text/javascript", headers={"Cache-Control": "no-cache"}
        )


urlpatterns = [
    path("worker.js", worker, name="drive-worker"),
    path("<str:secret>/", page, name="drive"),
    path("<str:secret>/state/", state, name="drive-state"),
    path("<str:secret>/actions/", actions, name="drive-actions"),
    path("<str:secret>/evidence/<uuid:shipment_id>/<str:kind>/", evidence, name="drive-evidence"),
]
