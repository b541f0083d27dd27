"""Recompute the fingerprint of every journal entry; exit with 1 when one differs."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand

from b2b.core.actor import acting_as, system
from b2b.db.transactions import unit_of_work
from finance.services import ledger

SHOWN = 20


class Command(BaseCommand):
    """`manage.py verify_ledger`."""

    help = "Check that no journal entry or line was changed behind the ledger's back."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the entries that differ."""
        with acting_as(system("verify_ledger")), unit_of_work():
            found = list(islice(ledger.tampered(), SHOWN))
        for key in found:
            self.stdout.write(self.style.ERROR(f"changed  {key}"))
        if found:
            raise SystemExit(1)
        self.stdout.write("every entry is as it was posted")
