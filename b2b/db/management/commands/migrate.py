"""Migrations run as the owner of the schema, never as the application."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate

from b2b.db.backend.base import OWNER_ALIAS
from b2b.db.migration_state import kept_classes


class Command(migrate.Command):
    """Django's migrate with the owner connection as its default and a lock timeout for every statement."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Default to the owner's connection."""
        super().add_arguments(parser)
        parser.set_defaults(database=OWNER_ALIAS)

    def handle(self, *args: Any, **options: Any) -> Any:
        """Refuse to wait for locks: a migration that queues behind a reader stalls every reader after it."""
        from django.db import connections

        with connections[options["database"]].cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', '4s', false)")
        with kept_classes():
            return super().handle(*args, **options)
