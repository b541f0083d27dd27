"""`manage.py outbox status|retry|park`: what a person can ask and do at the terminal."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch
from b2b.outbox.selectors import health
from b2b.outbox.services import delivery


class Command(BaseCommand):
    """Show, retry or park deliveries."""

    help = "Show how deliveries stand, try parked ones again, or set some aside."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a verb and what it is about."""
        verbs = parser.add_subparsers(dest="verb")
        verbs.add_parser("status", help="count deliveries by handler and show what is parked (the default)")
        retry = verbs.add_parser(
            "retry", help="try again: the given ids, or all parked of a handler or topic"
        )
        retry.add_argument("ids", nargs="*", type=int)
        retry.add_argument("--handler", default="", help="e.g. finance.invoice_delivery")
        retry.add_argument("--topic", default="", help="e.g. logistics.delivery.confirmed.v1")
        retry.add_argument("--all", action="store_true", help="everything that is parked")
        park = verbs.add_parser("park", help="set deliveries aside until they are retried")
        park.add_argument("ids", nargs="+", type=int)
        park.add_argument("--reason", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked, as the platform."""
        with acting_as(system("operator at the terminal")) as actor:
            if options["verb"] == "retry":
                if not (options["ids"] or options["handler"] or options["topic"] or options["all"]):
                    raise CommandError("Name delivery ids, --handler, --topic, or --all.")
                count = delivery.retry(
                    options["ids"] or None, by=actor, handler=options["handler"], topic=options["topic"]
                )
                self.stdout.write(f"{count} deliveries will be tried again.")
            elif options["verb"] == "park":
                count = delivery.park(options["ids"], by=actor, reason=options["reason"])
                self.stdout.write(f"{count} deliveries were parked.")
            else:
                self._status()

    def _status(self) -> None:
        rows = fetch(
            """
            SELECT handler, count(*) FILTER (WHERE status = 'PENDING'), count(*) FILTER (WHERE status = 'SENT'),
                count(*) FILTER (WHERE status = 'PARKED'),
                coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::int
            FROM outbox_delivery WHERE status <> 'DONE' GROUP BY handler ORDER BY handler
            """
        )
        self.stdout.write(f"{'handler':50} {'waiting':>8} {'sent':>8} {'parked':>8} {'oldest':>8}")
        for handler, waiting, sent, parked, oldest in rows:
            self.stdout.write(f"{handler:50} {waiting:8} {sent:8} {parked:8} {oldest:6} s")
        for key, handler, attempts, error in fetch(
            "SELECT id, handler, attempts, last_error FROM outbox_delivery WHERE status = 'PARKED' ORDER BY id LIMIT 20"
        ):
            self.stdout.write(
                f"parked {key} {handler} after {attempts}: {error.splitlines()[0] if error else ''}"
            )
        for name, part in health.parts().items():
            self.stdout.write(f"{name:8} {'ok' if part.pop('ok') else 'NOT OK'} {part or ''}")
