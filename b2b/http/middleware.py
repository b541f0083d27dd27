"""Who is asking: every request acts as somebody, or as nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from b2b.core.actor import Actor, acting_as
from b2b.core.errors import DomainError
from b2b.core.ids import uuid7
from b2b.http import credentials, throttle
from b2b.http.problems import is_api, of_domain, problem

READS = frozenset({"GET", "HEAD", "OPTIONS"})


class ActorMiddleware:
    """Resolves a person or a machine to an actor and lets the request act as them.

    Reads run in one transaction, so that the actor is stamped once and one moment is seen. Writes open their unit of
    work themselves (b2b.http.views, the admin), because only the whole of it can be tried again after a deadlock.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Run the request as its actor."""
        given = request.headers.get("X-Request-Id", "")[:64]
        request_id = given if given.isascii() and given.isprintable() and given else str(uuid7())
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self._answer(request, request_id)
        response["X-Request-Id"] = request_id
        return response

    def _answer(self, request: HttpRequest, request_id: str) -> HttpResponse:
        if _length(request) > settings.API_MAX_BODY:
            return problem(
                request, 413, "too_large", f"A body may have {settings.API_MAX_BODY} bytes at most."
            )
        try:
            actor, refusal = credentials.recognise(request, request_id)
            if is_api(request) or _signs_in(request, actor):
                throttle.count(actor, request, refused=bool(refusal))
        except DomainError as error:
            return of_domain(request, error)
        request.actor = actor  # type: ignore[attr-defined]
        request.credential_refusal = refusal  # type: ignore[attr-defined]
        with acting_as(actor):
            response = self._read(request) if request.method in READS else self.get_response(request)
        if response.streaming:
            stream: Any = response
            stream.streaming_content = _stream_as(actor, stream.streaming_content)
        return response

    def _read(self, request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response


def _signs_in(request: HttpRequest, actor: Actor) -> bool:
    """Tell whether a stranger sends something, as to the doors of the sites: passwords must not be tried at will."""
    return actor.is_anonymous and request.method not in READS


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _stream_as(actor: Actor, content: Iterable[bytes]) -> Iterator[bytes]:
    """Let what is streamed after the middleware has returned still act as the caller, in one transaction."""
    with acting_as(actor), transaction.atomic():
        yield from content
