"""Print a credential for an organisation's own system."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.errors import DomainError
from b2b.directory import scopes as catalogue
from b2b.directory.models import Organization
from b2b.directory.services import api_key, oauth_client


class Command(BaseCommand):
    """Issue an API key, or register an OAuth2 client; the secret is printed once and kept nowhere."""

    help = "Issue an API credential for an organisation and print it; it cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the organisation and what it may do."""
        parser.add_argument("--organization", required=True, metavar="CODE", help="code of the organisation")
        parser.add_argument("--oauth", action="store_true", help="an OAuth2 client instead of an API key")
        parser.add_argument("--name", default="issued by the platform", help="what the credential is for")
        parser.add_argument(
            "--scope", action="append", metavar="SCOPE", help="default: all that its kind may have"
        )
        parser.add_argument("--days", type=int, default=api_key.LIFETIME_DAYS, help="lifetime of an API key")
        parser.add_argument("--from", action="append", default=[], dest="networks", metavar="CIDR")

    def handle(self, *args: Any, **options: Any) -> None:
        """Issue and print.

        :raises CommandError: when there is no such organisation or the credential cannot be made as asked.
        """
        by = system("issue_token")
        with acting_as(by):
            owner = Organization.objects.filter(code=options["organization"]).first()
            if owner is None:
                raise CommandError(f"There is no organisation {options['organization']}.")
            scopes = options["scope"] or catalogue.allowed(owner.kind)
            try:
                if options["oauth"]:
                    self._client(owner, options["name"], scopes, by)
                else:
                    self._key(owner, scopes, by, options)
            except DomainError as error:
                faults = "; ".join(fault.message for fault in error.problems)
                raise CommandError(f"{error} {faults}".strip()) from error

    def _key(self, owner: Organization, scopes: list[str], by: Any, options: dict[str, Any]) -> None:
        _, token = api_key.issue(
            owner,
            name=options["name"],
            scopes=scopes,
            by=by,
            at=clock.now(),
            lifetime_days=options["days"],
            allowed_networks=options["networks"],
        )
        self.stdout.write(token)

    def _client(self, owner: Organization, name: str, scopes: list[str], by: Any) -> None:
        client, secret = oauth_client.register(owner, name=name, scopes=scopes, by=by)
        self.stdout.write(f"client_id={client.application.client_id}\nclient_secret={secret}")
