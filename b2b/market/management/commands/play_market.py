"""Live a market through the real services and print what it came to."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from b2b.core import clock
from b2b.market import comparison, play, report
from b2b.market.remote import play as remote
from b2b.market.stage import Stage


class Command(BaseCommand):
    """`manage.py play_market --days 30 --dealers 50 --seed 7 [--json] [--compare | --through-workers | --http URL]`."""

    help = "Play a market of dealers, factories, carriers and a bank, and print the value report."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size and the seed of the market."""
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument("--dealers", type=int, default=50)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument(
            "--first-day", type=date.fromisoformat, help="default: so that the last day is yesterday"
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument(
            "--through-workers",
            action="store_true",
            help="leave facts to a running relay and workers instead of this process",
        )

        parser.add_argument(
            "--no-pooling", action="store_true", help="buy each order at its factories by itself"
        )
        parser.add_argument(
            "--compare",
            action="store_true",
            help="play the market twice, with pooling and without, each in a database of its own that is removed after,"
            " and print what pooling saves",
        )
        parser.add_argument(
            "--http",
            metavar="URL",
            help="trade over the API of that server in real time: each day is a round, no due date is awaited",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Play, print, and fail when an invariant broke."""
        days, dealers = options["days"], options["dealers"]
        if days < 1 or dealers < 1:
            raise CommandError("a market needs at least one day and one dealer")
        progress = None if options["json"] else self._progress
        if options["http"]:
            result = remote.market(
                options["http"], rounds=days, dealers=dealers, seed=options["seed"], report=progress
            )
            return self._print(result, as_json=options["json"])
        first_day = options["first_day"] or clock.today("Asia/Shanghai") - timedelta(days=days)
        if options["compare"]:
            return self._compare(days, dealers, options["seed"], first_day, as_json=options["json"])
        result = play.market(
            days=days,
            dealers=dealers,
            seed=options["seed"],
            first_day=first_day,
            through_workers=options["through_workers"],
            is_pooling=not options["no_pooling"],
            report=progress,
        )
        return self._print(result, as_json=options["json"])

    def _compare(self, days: int, dealers: int, seed: int, first_day: date, *, as_json: bool) -> None:
        found = comparison.run(days=days, dealers=dealers, seed=seed, first_day=first_day.isoformat())
        self.stdout.write(json.dumps(found.as_dict(), indent=2) if as_json else found.as_text())
        if found.pooled.broken or found.alone.broken:
            raise SystemExit(1)

    def _print(self, result: play.Result, *, as_json: bool) -> None:
        self.stdout.write(report.as_json(result) if as_json else report.as_text(result))
        if result.broken:
            raise SystemExit(1)

    def _progress(self, stage: Stage) -> None:
        counts = stage.counts
        self.stderr.write(
            f"{stage.today}  orders {counts['orders']:>5}  purchase orders {counts['purchase orders']:>4}  "
            f"deliveries {counts['deliveries']:>5}  payments {counts['payments']:>5}"
        )
