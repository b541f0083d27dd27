"""From the actor the middleware found to what DRF wants to know."""

from __future__ import annotations

from typing import Any

from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication

from b2b.core.actor import Actor


class Machine:
    """Stands in for a user where a credential acts without a person."""

    is_authenticated = True
    is_active = True
    is_anonymous = False
    pk = None

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def __str__(self) -> str:
        return str(self.actor)


class ActorAuthentication(SessionAuthentication):
    """Machines by credential, people by session; a session must bring its CSRF token with every change."""

    def authenticate(self, request: Any) -> tuple[Any, Any] | None:
        """Return whom the middleware recognised.

        :raises AuthenticationFailed: when a credential was shown and is not good.
        """
        refusal = getattr(request._request, "credential_refusal", "")
        if refusal:
            raise exceptions.AuthenticationFailed(refusal)
        actor: Actor = request._request.actor
        if actor.credential:
            return Machine(actor), actor.credential
        if actor.is_anonymous:
            return None
        self.enforce_csrf(request)
        return request._request.user, None

    def authenticate_header(self, request: Any) -> str:
        """Name the scheme, so that a refusal is 401 and not 403."""
        return 'Bearer realm="Midstream"'
