"""Compare signals with other rules on a made-up market, or a factory's buffers with changed ones on past demand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.errors import Invalid
from b2b.directory.models import Organization
from orders.models import Rehearsal
from orders.policies.rehearsal import comparison
from orders.services import rehearsal

_CHANGES = {"lead_time_factor": Decimal, "variability_factor": Decimal, "order_cycle_days": int}


class Command(BaseCommand):
    """`manage.py rehearse_signals --days 180 --dealers 30 --products 12 --seed 7 [--factory CODE ...]`."""

    help = "Play a market by signals, order by order and by reorder points; with --factory play past demand again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of the market, or the factory and what is to be changed of its buffers."""
        parser.add_argument("--days", type=int, default=180)
        parser.add_argument("--dealers", type=int, default=30)
        parser.add_argument("--products", type=int, default=12)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--factory", help="play the past demand of this factory's buffers instead")
        for name, kind in _CHANGES.items():
            parser.add_argument(f"--{name.replace('_', '-')}", type=kind)

    def handle(self, *args: Any, **options: Any) -> None:
        """Play, keep and print."""
        with acting_as(system("rehearsal")) as platform:
            try:
                self._print(self._play(options, by=platform))
            except Invalid as error:
                raise CommandError(str(error)) from error

    @staticmethod
    def _play(options: dict[str, Any], *, by: Any) -> Rehearsal:
        at, days = clock.now(), options["days"]
        if not options["factory"]:
            return rehearsal.market(
                days=days, dealers=options["dealers"], products=options["products"], seed=options["seed"], by=by, at=at
            )  # fmt: skip
        factory = Organization.objects.filter(kind="factory", code=options["factory"]).first()
        if factory is None:
            raise CommandError(f"there is no factory {options['factory']}")
        changes = {name: options[name] for name in _CHANGES if options[name] is not None}
        return rehearsal.past(factory, days=days, changes=changes, by=by, at=at)

    def _print(self, made: Rehearsal) -> None:
        outcomes = comparison.read(made.outcomes)
        first, *others = outcomes
        if comparison.SIGNALS in outcomes:
            first, others = comparison.SIGNALS, [name for name in outcomes if name != comparison.SIGNALS]
        self.stdout.write(f"rehearsal {made.pk}: {made}")
        for name in (first, *others):
            one = outcomes[name]
            self.stdout.write(
                f"  {name:16} service {one.service:8.2%}   stock {one.stock_days:6.1f} days"
                f"   variance of orders {one.bullwhip:6.2f} x demand"
            )
        for name in others:
            by = comparison.better(outcomes[first], outcomes[name])
            self.stdout.write(
                f"  {first} beside {name}: service {by['service']:+.2%} points, stock {-by['stock_days']:+.1f} days,"
                f" variance {-by['bullwhip']:+.0%}"
            )
