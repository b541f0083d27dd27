"""`manage.py plan_trips [--warehouse CODE]`: plan what waits, show what came of it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.errors import DomainError
from logistics.policies.screening import REASONS
from logistics.services import dispatch


class Command(BaseCommand):
    """Plan trips."""

    help = "Plan trips for the shipments that wait, at one warehouse or at all."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a warehouse and the time to think."""
        parser.add_argument(
            "--warehouse", default="", help="code of the warehouse; all that have work if left out"
        )
        parser.add_argument(
            "--seconds", type=float, default=dispatch.SECONDS, help="time to plan, per warehouse"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Plan, publish, print."""
        with acting_as(system("plan_trips")) as actor:
            try:
                done = list(
                    dispatch.plan_due(
                        by=actor,
                        at=clock.now(),
                        warehouse_code=options["warehouse"],
                        seconds=options["seconds"],
                    )
                )
            except DomainError as error:
                raise CommandError(str(error)) from error
        if not done:
            self.stdout.write("nothing waits")
        for warehouse, made in done:
            for trip in made.trips:
                self.stdout.write(
                    f"{warehouse.code}: {trip.number} {trip.vehicle.code} departs {trip.departs_at:%Y-%m-%d %H:%M %Z},"
                    f" {trip.distance_m / 1000:.1f} km, {trip.cost} {trip.currency}"
                )
            for shipment, reason in made.left_out:
                self.stdout.write(f"{warehouse.code}: {shipment.number} left out: {REASONS[reason]}")
