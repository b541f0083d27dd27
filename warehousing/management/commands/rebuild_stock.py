"""`manage.py rebuild_stock [--check]`: balances of stock from the ledger."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from b2b.core.actor import acting_as, system
from warehousing.services import rebuild


class Command(BaseCommand):
    """Compare balances with the ledger, or make them again."""

    help = "Make the balances of stock again from the ledger and the reservations; --check only compares."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --check."""
        parser.add_argument("--check", action="store_true", help="compare only; fails when something differs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare or rebuild, and say what was found."""
        with acting_as(system("rebuild stock")):
            found = rebuild.check() if options["check"] else rebuild.rebuild()
        if options["check"]:
            if found.wrong:
                raise CommandError(f"{found.wrong} balances of {found.compared} are not what the ledger says")
            self.stdout.write(f"{found.compared} balances are what the ledger says")
            return
        self.stdout.write(
            f"{found.compared} balances compared, {found.wrong} wrong, {found.mended} set right"
        )
