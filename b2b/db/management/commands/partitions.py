"""`manage.py partitions`: months ahead of every partitioned table, and old months out of the way."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from b2b.core.errors import DomainError
from b2b.db import partitions


class Command(BaseCommand):
    """Create the partitions of this month and the months ahead; detach old ones when asked."""

    help = "Create monthly partitions ahead of time, as the owner of the schema; run nightly by the schedule."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how far ahead and what is old."""
        parser.add_argument("--ahead", type=int, default=3, help="months to create ahead (default 3)")
        parser.add_argument(
            "--detach-older",
            type=int,
            metavar="MONTHS",
            help="detach months that ended so long ago; never by itself",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through all tables; one transaction each, so that one that is locked does not keep the others."""
        failures = []
        for table in partitions.tables():
            try:
                for name in partitions.prepare(table, ahead=options["ahead"]):
                    self.stdout.write(f"created {name}")
                if options["detach_older"] is not None:
                    for name in partitions.detach_older(table, months=options["detach_older"]):
                        self.stdout.write(f"detached {name}")
            except (DatabaseError, DomainError) as error:
                failures.append(f"{table.table}: {error}")
        if failures:
            raise CommandError("\n".join(failures))
