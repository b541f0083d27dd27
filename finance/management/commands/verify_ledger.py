"""Prove the journal against its chain of hashes; exit with 1 when something differs."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.db.transactions import unit_of_work
from finance.models import ChainBlock
from finance.services import chain

SHOWN = 20


class Command(BaseCommand):
    """`manage.py verify_ledger [--head NUMBER:HASH] [--rebuild-checkpoints]`."""

    help = "Check that no journal entry, line, block or checkpoint was changed behind the ledger's back."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what was noted elsewhere, and whether to mend the checkpoints."""
        parser.add_argument(
            "--head", default="", help="a block as an earlier run printed it, which the chain must still hold"
        )
        parser.add_argument(
            "--rebuild-checkpoints",
            action="store_true",
            help="make the balance checkpoints anew from the lines first",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal what waits, and print what differs and the head of the chain."""
        with acting_as(system("verify_ledger")):
            chain.seal_all(at=clock.now())
            if options["rebuild_checkpoints"]:
                self.stdout.write(f"{chain.rebuild_checkpoints()} checkpoints made anew")
            with unit_of_work():
                found = list(islice(chain.faults(), SHOWN))
                missing = options["head"] and not self._holds(options["head"])
                number, block_hash = chain.head()
        if missing:
            self.stdout.write(self.style.ERROR(f"rewritten  the chain no longer holds {options['head']}"))
        for fault in found:
            self.stdout.write(self.style.ERROR(f"{fault.kind}  {fault.reference}"))
        if found or missing:
            raise SystemExit(1)
        self.stdout.write(f"every entry is as it was posted; head {number}:{block_hash}")

    def _holds(self, noted: str) -> bool:
        number, _, block_hash = noted.partition(":")
        return ChainBlock.objects.filter(number=int(number or 0), hash=block_hash).exists()
