"""From what a request shows to who is asking."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from b2b.core import clock
from b2b.core.actor import NOBODY_ACTOR, Actor, acting_as, system
from b2b.directory import keys
from b2b.directory.selectors import credential
from b2b.directory.services import api_key
from b2b.http import signed_in
from b2b.http.address import of_caller


def recognise(request: HttpRequest, request_id: str) -> tuple[Actor, str]:
    """Return the actor and, when a credential was shown that is not good, why it was refused.

    A shown credential counts before a session: a program must not act as the person whose browser it runs in.
    """
    token = shown(request)
    if token is None:
        return signed_in.actor_behind(request, request_id=request_id), ""
    try:
        return _remembered(token, request, request_id) or _looked_up(token, request, request_id), ""
    except credential.Refused as refusal:
        return NOBODY_ACTOR, refusal.message


def shown(request: HttpRequest) -> str | None:
    """Return the text of the credential in Authorization: Bearer or X-Api-Key, None without one."""
    key = request.headers.get("X-Api-Key")
    if key:
        return key
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _remembered(token: str, request: HttpRequest, request_id: str) -> Actor | None:
    """Return the actor of a key that was good a moment ago: most requests need no look into the database."""
    if not token.startswith(keys.MARK):
        return None
    now = clock.now()
    key = credential.remembered_key(token, address=of_caller(request), at=now)
    if key is None or api_key.is_use_due(key, at=now):
        return None
    return credential.actor_of_key(key, request_id=request_id)


def _looked_up(token: str, request: HttpRequest, request_id: str) -> Actor:
    if "\0" in token or not token.isascii():
        raise credential.Refused
    with acting_as(system("sign-in")), transaction.atomic():
        return _machine(token, request, request_id)


def _machine(token: str, request: HttpRequest, request_id: str) -> Actor:
    now = clock.now()
    if not token.startswith(keys.MARK):
        return credential.actor_of_access_token(token, at=now, request_id=request_id)
    key = credential.key_of(token, address=of_caller(request), at=now)
    api_key.note_use(key, at=now)
    return credential.actor_of_key(key, request_id=request_id)
