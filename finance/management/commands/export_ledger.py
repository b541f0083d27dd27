"""Write a book as a text file of plain-text accounting."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from b2b.core.actor import acting_as, system
from finance.models import Book
from finance.policies.chart import MAIN
from finance.policies.plain_text import FORMATS
from finance.selectors import export


class Command(BaseCommand):
    """`manage.py export_ledger --format beancount|hledger [--book MAIN] [--until 2026-12-31]`."""

    help = "Print the posted entries of a book, with its accounts before and its balances after them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the format, the book and the last day."""
        parser.add_argument("--format", choices=sorted(FORMATS), required=True)
        parser.add_argument("--book", default=MAIN, help="code of the book (default %(default)s)")
        parser.add_argument("--until", type=date.fromisoformat, default=date.max, help="last effective day")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it as one snapshot."""
        with acting_as(system("export_ledger")) as desk, transaction.atomic():
            if not Book.objects.filter(code=options["book"]).exists():
                raise CommandError(f"there is no book {options['book']}")
            for line in export.lines(
                desk, book=options["book"], form=options["format"], until=options["until"]
            ):
                self.stdout.write(line)
