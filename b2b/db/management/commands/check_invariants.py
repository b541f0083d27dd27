"""Check every invariant of the platform; exit with 1 when one is broken."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from b2b.db import invariants


class Command(BaseCommand):
    """`manage.py check_invariants [NAME ...] [--json]`."""

    help = "Check that every promise of the platform holds in the database."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take names and the output form."""
        parser.add_argument("names", nargs="*", help="only these invariants")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per invariant and the offending rows of broken ones."""
        unknown = [name for name in options["names"] if name not in invariants.INVARIANTS]
        if unknown:
            raise CommandError(
                f"no such invariant: {', '.join(unknown)}; known: {', '.join(invariants.INVARIANTS)}"
            )
        broken = {found.invariant.name: found for found in invariants.check(options["names"] or None)}
        checked = options["names"] or list(invariants.INVARIANTS)
        if options["json"]:
            result = {name: broken[name].rows if name in broken else [] for name in checked}
            self.stdout.write(
                json.dumps({"checked": len(checked), "broken": len(broken), "rows": result}, default=str)
            )
        else:
            self._print(checked, broken)
        if broken:
            raise SystemExit(1)

    def _print(self, checked: list[str], broken: dict[str, invariants.Break]) -> None:
        for name in checked:
            stated = invariants.INVARIANTS[name]
            if name not in broken:
                self.stdout.write(f"ok      {name}: {stated.promise}")
                continue
            self.stdout.write(self.style.ERROR(f"BROKEN  {name}: {stated.promise}"))
            for row in broken[name].rows:
                self.stdout.write(f"        {row}")
        self.stdout.write(f"{len(checked)} invariants checked, {len(broken)} broken")
