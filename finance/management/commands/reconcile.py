"""Compare the books with each other and with the bank; exit with 1 while something is unexplained."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.errors import Invalid
from b2b.db.reconcilers import RECONCILERS
from finance.services import comparison
from finance.services.comparison import Result

SHOWN = 10
COLUMNS = ("what", "compared", "matched", "differences", "opened", "closed", "open cases")


class Command(BaseCommand):
    """`manage.py reconcile --what bank stock stock-value orders credit grir ledger outbox | all [--dry-run]`."""

    help = "Reconcile the books; every difference becomes a case."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to compare and whether to write."""
        parser.add_argument(
            "--what", nargs="+", default=["all"], help=f"all, or of: {', '.join(RECONCILERS)}"
        )
        parser.add_argument("--dry-run", action="store_true", help="compare only; write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a table and the first differences of each kind."""
        names = sorted(RECONCILERS) if "all" in options["what"] else options["what"]
        with acting_as(system("reconcile")) as desk:
            try:
                results = comparison.run(names, by=desk, at=clock.now(), dry_run=options["dry_run"])
            except Invalid as error:
                raise CommandError(str(error)) from None
        self._print(results)
        if any(result.outcome.differences or result.open_cases for result in results):
            raise SystemExit(1)

    def _print(self, results: list[Result]) -> None:
        rows = [COLUMNS, *(self._row(result) for result in results)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
        for row in rows:
            numbers = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
            self.stdout.write("  ".join([row[0].ljust(widths[0]), *numbers]))
        for result in results:
            for difference in result.outcome.differences[:SHOWN]:
                self.stdout.write(
                    f"{result.what}: {difference.kind} {difference.reference}: expected {difference.expected},"
                    f" found {difference.found} ({difference.reason})"
                )
            left = len(result.outcome.differences) - SHOWN
            if left > 0:
                self.stdout.write(f"{result.what}: {left} more")

    @staticmethod
    def _row(result: Result) -> tuple[str, ...]:
        numbers = (
            result.outcome.compared,
            result.matched,
            len(result.outcome.differences),
            result.opened,
            result.closed,
            result.open_cases,
        )
        return (result.what, *map(str, numbers))
