"""Share a run's kept inputs again and compare; exit with 1 when it comes out otherwise."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from b2b.core.actor import acting_as, system
from b2b.db.transactions import unit_of_work
from orders.selectors import allocation_run


class Command(BaseCommand):
    """`manage.py replay_allocation RUN`."""

    help = "Share the kept inputs of an allocation run again, and compare inputs and result with its hashes."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the run."""
        parser.add_argument("run", type=UUID, help="id of the allocation run")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print both hashes and whether they are the run's."""
        who = system("replay")
        with acting_as(who):
            found = self._replay(who, options["run"])
        run = found.run
        self.stdout.write(
            f"{run.purchase_order.number} version {run.response_version}, shared by {run.policy}"
        )
        self.stdout.write(f"inputs  {found.input_hash}  {self._same(found.input_hash, run.input_hash)}")
        self.stdout.write(f"result  {found.result_hash}  {self._same(found.result_hash, run.result_hash)}")
        if not found.is_same:
            raise SystemExit(1)

    @unit_of_work()
    def _replay(self, who: Any, key: UUID) -> allocation_run.Replay:
        run = allocation_run.visible(who).filter(pk=key).first()
        if run is None:
            raise CommandError(f"there is no allocation run {key}")
        return allocation_run.replay(run)

    def _same(self, found: str, kept: str) -> str:
        return "as kept" if found == kept else self.style.ERROR(f"kept is {kept}")
