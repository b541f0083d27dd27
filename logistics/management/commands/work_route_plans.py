"""`manage.py work_route_plans`: work the route plans that wait, here and now, without Celery."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from b2b.core.actor import acting_as, system
from logistics.services import plan_worker


class Command(BaseCommand):
    """Work route plans."""

    help = "Work the route plans that wait, and end those whose worker was lost."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work them one after the other."""
        with acting_as(system("planner")) as platform:
            self.stdout.write(f"{plan_worker.work_all(by=platform)} route plans worked")
