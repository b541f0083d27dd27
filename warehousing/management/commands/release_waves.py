"""Send pickers wherever something waits; run it as often as waves should leave."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from b2b.core import clock
from b2b.core.actor import acting_as, system
from warehousing.selectors import work
from warehousing.services import wave


class Command(BaseCommand):
    """Release a wave in each warehouse that has reserved goods nobody has been sent for."""

    help = "Release a picking wave in every warehouse, or in one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a warehouse and a day."""
        parser.add_argument("--warehouse", help="code of the only warehouse to release in")
        parser.add_argument(
            "--until", type=date.fromisoformat, help="leave out what is needed after this day"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Release and say what."""
        by = system("waves")
        with acting_as(by):
            code = options["warehouse"]
            houses = [work.warehouse(by, code)] if code else list(work.warehouses(by))
            for house in houses:
                try:
                    made = wave.release(house.pk, until=options["until"], by=by, at=clock.now())
                except wave.NothingToPick:
                    self.stdout.write(f"{house.code}: nothing to pick")
                else:
                    self.stdout.write(f"{house.code}: {made.number}")
