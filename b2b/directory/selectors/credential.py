"""From the text of a credential to the actor it stands for."""

from __future__ import annotations

import hmac
from datetime import datetime
from ipaddress import ip_address, ip_network

from django.db.models import QuerySet
from oauth2_provider.models import get_access_token_model

from b2b.core.actor import Actor
from b2b.core.errors import DomainError
from b2b.directory import keys
from b2b.directory.models import ApiKey
from b2b.directory.selectors.acting import of_organization


class Refused(DomainError):
    """The credential is not valid."""

    code = "not_authenticated"
    status = 401


def visible_keys(actor: Actor) -> QuerySet[ApiKey]:
    """Return the API keys of the actor's organisation (an operator: of all), newest first."""
    return ApiKey.objects.visible_to(actor).select_related("organization").order_by("-created_at")


def key_of(token: str, *, address: str, at: datetime) -> ApiKey:
    """Return the API key a text is.

    :raises Refused: when there is none, or it is revoked, expired, archived with its organisation, or used from
        an address it is not for; the reason is told to whoever holds the right text only.
    """
    found = ApiKey.objects.filter(prefix=keys.prefix_of(token)).select_related("organization").first()
    if found is None or not hmac.compare_digest(keys.digest(token), found.secret_hash):
        raise Refused
    if found.revoked_at is not None:
        raise Refused("the API key is revoked")
    if found.expires_at <= at:
        raise Refused("the API key has expired")
    if not found.organization.is_active:
        raise Refused("the organisation is archived")
    if found.allowed_networks and not _within(address, found.allowed_networks):
        raise Refused("the API key may not be used from this address")
    return found


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
