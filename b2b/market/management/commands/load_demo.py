"""Seed an empty database with a market that has lived for some days, and say who can sign in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from b2b.core import clock
from b2b.market import play, world

LOGINS = (
    ("operator", "/operator/", "the platform's desk"),
    ("dealer-001", "/dealer/", "a dealer"),
    ("dealer-002", "/dealer/", "a rival of the first"),
)


class Command(BaseCommand):
    """`manage.py load_demo [--days 10] [--dealers 12] [--seed 7]`; does nothing when there is a market."""

    help = "Load the demo market into an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of the market."""
        parser.add_argument("--days", type=int, default=12)
        parser.add_argument("--dealers", type=int, default=12)
        parser.add_argument("--seed", type=int, default=7)

    def handle(self, *args: Any, **options: Any) -> None:
        """Play the market up to yesterday and write down the logins."""
        if world.exists():
            self.stdout.write("The database has a market already; nothing was loaded.")
        else:
            self.stdout.write(
                f"Playing {options['days']} days of a market with {options['dealers']} dealers ..."
            )
            result = play.market(
                days=options["days"],
                dealers=options["dealers"],
                seed=options["seed"],
                first_day=clock.today("Asia/Shanghai") - timedelta(days=options["days"]),
            )
            self.stdout.write(
                f"{result.counts.get('orders', 0)} orders, {result.counts.get('deliveries', 0)} deliveries."
            )
        lines = [f"{path:<12} {name:<12} {world.PASSWORD:<12} {who}" for name, path, who in LOGINS]
        (settings.VAR_DIR / "demo_logins.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
