"""From the text of a credential to the actor it stands for."""

from __future__ import annotations

import hmac
from datetime import datetime
from ipaddress import ip_address, ip_network
from time import monotonic
from typing import Final

from django.conf import settings
from django.db.models import QuerySet
from oauth2_provider.models import get_access_token_model

from b2b.core.actor import Actor
from b2b.core.errors import DomainError
from b2b.directory import keys
from b2b.directory.models import ApiKey
from b2b.directory.selectors.acting import of_organization

_MOST_REMEMBERED: Final = 10_000
_NOTHING: Final = (0.0, None)
_remembered: dict[str, tuple[float, ApiKey]] = {}


class Refused(DomainError):
    """The credential is not valid."""

    code = "not_authenticated"
    status = 401


def visible_keys(actor: Actor) -> QuerySet[ApiKey]:
    """Return the API keys of the actor's organisation (an operator: of all), newest first."""
    return ApiKey.objects.visible_to(actor).select_related("organization").order_by("-created_at")


def key_of(token: str, *, address: str, at: datetime) -> ApiKey:
    """Return the API key a text is, and remember it for `remembered_key`.

    :raises Refused: when there is none, or it is revoked, expired, archived with its organisation, or used from
        an address it is not for; the reason is told to whoever holds the right text only.
    """
    found = ApiKey.objects.filter(prefix=keys.prefix_of(token)).select_related("organization").first()
    digest = keys.digest(token)
    if found is None or not hmac.compare_digest(digest, found.secret_hash):
        raise Refused
    _check(found, address=address, at=at)
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    _remembered[digest] = (monotonic() + settings.API_KEY_TRUST_SECONDS, found)
    return found


def remembered_key(token: str, *, address: str, at: datetime) -> ApiKey | None:
    """Return an API key that this process found in the database within API_KEY_TRUST_SECONDS, else None.

    A revocation or an archived organisation therefore takes effect after so many seconds at the latest; end and
    networks of the key are checked each time. Keys are remembered by their SHA-256, never by their text.

    :raises Refused: when the key has expired or may not be used from this address.
    """
    until, found = _remembered.get(keys.digest(token), _NOTHING)
    if found is None or monotonic() >= until:
        return None
    _check(found, address=address, at=at)
    return found


def _check(found: ApiKey, *, address: str, at: datetime) -> None:
    if found.revoked_at is not None:
        raise Refused("the API key is revoked")
    if found.expires_at <= at:
        raise Refused("the API key has expired")
    if not found.organization.is_active:
        raise Refused("the organisation is archived")
    if found.allowed_networks and not _within(address, found.allowed_networks):
        raise Refused("the API key may not be used from this address")


def actor_of_key(key: ApiKey, *, request_id: str = "") -> Actor:
    """Return the actor an API key stands for."""
    return of_organization(
        key.organization,
        name=f"{key.organization.code} ({key.name})",
        scopes=frozenset(key.scopes),
        request_id=request_id,
        credential=f"key:{key.prefix}",
    )


def actor_of_access_token(token: str, *, at: datetime, request_id: str = "") -> Actor:
    """Return the actor an OAuth2 access token stands for.

    :raises Refused: when there is no such token, it has expired, or its organisation is archived.
    """
    checksum = keys.digest(token)
    found = (
        get_access_token_model()
        .objects.filter(token_checksum=checksum, expires__gt=at)
        .select_related("application__client__organization")
        .first()
    )
    client = getattr(found.application, "client", None) if found else None
    if client is None or not client.organization.is_active:
        raise Refused("the access token is not valid or has expired")
    return of_organization(
        client.organization,
        name=f"{client.organization.code} ({client})",
        scopes=frozenset(found.scope.split()) & frozenset(client.scopes),
        request_id=request_id,
        credential=f"oauth:{client.application.client_id}",
    )


def _within(address: str, networks: list[str]) -> bool:
    try:
        where = ip_address(address)
    except ValueError:
        return False
    return any(where in ip_network(text) for text in networks)
