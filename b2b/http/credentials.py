"""From what a request shows to who is asking."""

from __future__ import annotations

from django.http import HttpRequest

from b2b.core.actor import NOBODY_ACTOR, Actor
from b2b.directory.selectors.acting import actor_of


def recognise(request: HttpRequest, request_id: str) -> tuple[Actor, str]:
    """Return the actor and, when a credential was shown that is not good, why it was refused."""
    user = request.user
    if not user.is_authenticated:
        return NOBODY_ACTOR, ""
    return actor_of(user, request_id=request_id), ""  # type: ignore[arg-type]
