"""OAuth2 client credentials (RFC 6749, section 4.4): tokens for quarter of an hour, with the scopes of the client."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from oauth2_provider.models import get_access_token_model
from oauth2_provider.scopes import BaseScopes
from oauth2_provider.views import RevokeTokenView, TokenView

from b2b.core.actor import acting_as, system
from b2b.db.transactions import unit_of_work
from b2b.directory import scopes as catalogue


class ClientScopes(BaseScopes):  # type: ignore[misc]
    """A client may ask for the scopes it was registered with, as far as its organisation's kind still allows."""

    def get_all_scopes(self) -> Mapping[str, str]:
        """Return every scope and what it allows."""
        return {scope: text for scope, (text, _) in catalogue.SCOPES.items()}

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *_: Any, **__: Any
    ) -> list[str]:
        """Return what the client may ask for."""
        client = getattr(application, "client", None)
        if client is None:
            return []
        allowed = set(catalogue.allowed(client.organization.kind))
        return [scope for scope in client.scopes if scope in allowed]

    def get_default_scopes(
        self, application: Any = None, request: Any = None, *_: Any, **__: Any
    ) -> list[str]:
        """Return what the client gets when it asks for nothing in particular."""
        return self.get_available_scopes(application)


class _AsPlatform:
    """Tokens are given by the platform: nobody is signed in yet."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer as the platform."""
        with acting_as(system("oauth")):
            answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
            return answer


class Token(_AsPlatform, TokenView):  # type: ignore[misc]
    """POST grant_type=client_credentials with the client's id and secret (HTTP Basic)."""


class Revoke(_AsPlatform, RevokeTokenView):  # type: ignore[misc]
    """POST token: end an access token before its time (RFC 7009)."""


@unit_of_work()
def forget_tokens(*, at: datetime) -> int:
    """Drop access tokens that have ended and return how many there were."""
    return int(get_access_token_model().objects.filter(expires__lt=at).delete()[0])
