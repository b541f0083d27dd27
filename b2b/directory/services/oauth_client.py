"""OAuth2 clients of organisations."""

from __future__ import annotations

from collections.abc import Iterable

from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import Application

from b2b.core.actor import Actor
from b2b.core.errors import Problem
from b2b.db.transactions import unit_of_work
from b2b.directory import scopes as catalogue
from b2b.directory.models import OAuthClient, Organization
from b2b.directory.services.api_key import BadCredential, require_administrator


@unit_of_work()
def register(
    organization: Organization, *, name: str, scopes: Iterable[str], by: Actor
) -> tuple[OAuthClient, str]:
    """Make a client for the client credentials grant and return it with its secret, which nobody can read again.

    :raises NotAdministrator: when `by` does not administer the organisation. :raises BadCredential: for scopes the
        organisation's kind may not have.
    """
    require_administrator(by, organization.pk)
    scopes = list(scopes)
    wrong = catalogue.not_allowed(organization.kind, scopes)
    if wrong:
        raise BadCredential(problems=[Problem("bad_scope", scope, field="scopes") for scope in wrong])
    secret = generate_client_secret()
    application = Application.objects.create(
        name=name[:255],
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
    )
    client = OAuthClient.objects.create(organization=organization, application=application, scopes=scopes)
    return client, secret
