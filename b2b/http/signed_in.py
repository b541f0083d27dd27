"""How far a person has signed in: by password, by the second factor, and not too long ago."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest

from b2b.core import clock
from b2b.core.actor import NOBODY_ACTOR, Actor
from b2b.directory.selectors.acting import actor_of

PASSED, SEEN = "second_factor", "seen_at"
SEEN_EVERY = 60  # seconds between two notes that somebody is still there


def actor_behind(request: HttpRequest, *, request_id: str) -> Actor:
    """Return who the session acts as; nobody while a code is missing, and nobody after too long a silence."""
    user: Any = request.user
    if not user.is_authenticated:
        return NOBODY_ACTOR
    actor = actor_of(user, request_id=request_id)
    if _fell_silent(request, actor):
        auth.logout(request)
        return NOBODY_ACTOR
    return NOBODY_ACTOR if _waits(request, user, actor) else actor


def waits(request: HttpRequest) -> bool:
    """Tell whether the person has given the password and has to give a code, or to set up the second factor."""
    user: Any = request.user
    return user.is_authenticated and _waits(request, user, actor_of(user))


def pass_on(request: HttpRequest, device: str) -> None:
    """Remember in the session that the person has shown a code of the device."""
    request.session.cycle_key()
    request.session[PASSED] = device


def _waits(request: HttpRequest, user: Any, actor: Actor) -> bool:
    if user.second_factor:
        return bool(request.session.get(PASSED) != user.second_factor)
    return actor.kind in settings.SECOND_FACTOR_REQUIRED


def _fell_silent(request: HttpRequest, actor: Actor) -> bool:
    limit = settings.SESSION_IDLE_SECONDS.get(actor.kind)
    if limit is None:
        return False
    now = int(clock.now().timestamp())
    seen = request.session.get(SEEN, now)
    if now - seen > limit:
        return True
    if SEEN not in request.session or now - seen >= SEEN_EVERY:
        request.session[SEEN] = now
    return False
