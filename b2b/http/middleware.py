"""Who is asking: every request acts as somebody, or as nobody."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from b2b.core.actor import NOBODY_ACTOR, acting_as
from b2b.core.ids import uuid7
from b2b.directory.selectors.acting import actor_of


class ActorMiddleware:
    """Resolves the signed-in person to an actor and lets the request act as them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Run the request as its actor."""
        user = request.user
        request_id = request.headers.get("X-Request-Id", "")[:64] or str(uuid7())
        actor = actor_of(user, request_id=request_id) if user.is_authenticated else NOBODY_ACTOR
        request.actor = actor  # type: ignore[attr-defined]
        with acting_as(actor):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response
