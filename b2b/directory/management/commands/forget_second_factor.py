"""Let somebody who lost telephone and recovery codes set up a new second factor."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from b2b.core.actor import acting_as, system
from b2b.directory.models import User
from b2b.directory.services import second_factor


class Command(BaseCommand):
    """Remove the second factor of a person, who is asked for the password alone until a new one is set up."""

    help = "Remove the second factor of somebody who lost it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for whom."""
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        """Remove it. :raises CommandError: when nobody signs in under that name."""
        with acting_as(system("second factor")):
            people = list(User.objects.filter(username=username))
            if not people:
                raise CommandError(f"Nobody signs in as {username!r}.")
            second_factor.forget(people)
        self.stdout.write(f"{username} signs in by password and sets up a new second factor.")
