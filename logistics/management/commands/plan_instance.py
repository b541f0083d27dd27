"""`manage.py plan_instance FILE [--seconds N]`: plan a public routing instance, check the plan, print the gap."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from b2b.core.errors import DomainError
from logistics.policies import verifier
from logistics.policies.figures import measure
from logistics.policies.instances import instance, solution
from logistics.policies.instances.roads import CONVENTIONS
from logistics.policies.problem import Plan, Problem
from logistics.policies.screening import ANOTHER_SERVED, NOT_WORTH_IT, REASONS
from logistics.services import planner

# Visits up to which so many seconds are taken when none are given.
USUAL_SECONDS = ((50, 1.0), (200, 5.0), (500, 30.0))
LONGEST_S = 45.0
GIVEN_UP = (
    NOT_WORTH_IT,
    ANOTHER_SERVED,
)  # left out because that is cheaper, not because it could not be served


class Command(BaseCommand):
    """Plan an instance."""

    help = (
        "Plan a VRPLIB file (CVRP, VRPTW, several depots, mixed fleet, limits, prizes, backhauls, pickup and delivery)"
        " or a table of Solomon's, verify the plan and compare it with the .sol beside the file."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a file, the time to think and how to round."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--seconds", type=float, help="time to plan; by default by the number of visits")
        parser.add_argument("--instant", action="store_true", help="VROOM's plan alone, without a search")
        parser.add_argument(
            "--solution", type=Path, help="published solution; by default the .sol beside the file"
        )
        parser.add_argument(
            "--convention",
            choices=sorted(CONVENTIONS),
            help="how distances are rounded; by default as the solution's cost shows, else as is usual for the kind",
        )
        parser.add_argument(
            "--ignore", action="append", default=[], help="a specification or section to leave out"
        )
        parser.add_argument("--write", type=Path, help="write the plan as a .sol file")
        parser.add_argument("--routes", action="store_true", help="print the routes")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, plan, verify, print."""
        try:
            told = instance.read(_text(options["file"]), ignore=options["ignore"])
            published = self._published(options)
            convention = options["convention"] or (published and solution.convention(told, published))
            convention = convention or told.usual
            problem = told.problem(convention)
            seconds = 0.0 if options["instant"] else options["seconds"]
            if seconds is None:
                seconds = next((time_s for size, time_s in USUAL_SECONDS if problem.size <= size), LONGEST_S)
            began = time.monotonic()
            plan = planner.solve(problem, seconds=seconds)
            took = time.monotonic() - began
        except DomainError as error:
            raise CommandError(f"{options['file']}: {error}") from error
        scale = CONVENTIONS[convention][0]
        self.stdout.write(
            f"{told.name}: {told.kind}, {problem.size} visits, {len(problem.vans)} vehicles, numbers times {scale}"
            f" ({convention}){'; ignored ' + ', '.join(told.text.ignored) if told.text.ignored else ''}"
        )
        figures = measure(problem, plan)
        total = figures.cost + figures.lost
        self._tell(problem, plan, took, scale, routes=options["routes"])
        if published is not None:
            self._compare(problem, plan, published, total, scale)
        if options["write"]:
            options["write"].write_text(solution.write(plan, f"{total / scale:g}"))
        if found := verifier.verify(problem, plan):
            raise CommandError("the plan breaks rules: " + "; ".join(map(str, found[:10])))
        self.stdout.write("verified: every rule holds")

    def _published(self, options: dict[str, Any]) -> solution.Published | None:
        beside = options["file"].with_suffix(".sol")
        where = options["solution"] or (beside if beside.exists() else None)
        return solution.read(_text(where)) if where else None

    def _tell(self, problem: Problem, plan: Plan, took: float, scale: int, *, routes: bool) -> None:
        figures = measure(problem, plan)
        lost = f" and {figures.lost / scale:.10g} of worth given up" if figures.lost else ""
        fill = ", ".join(f"{percent} %" for percent in figures.fill_percent)
        self.stdout.write(
            f"cost {figures.cost / scale:.10g}{lost}, distance {figures.distance_m / scale:.10g}"
            f" ({figures.empty_m / scale:.10g} of it empty), {len(plan.routes)} routes, {figures.stops} visits,"
            f" load {fill}, in {took:.2f} s"
        )
        for reason, count in figures.left_out.items():
            self.stdout.write(f"left out: {count}, {REASONS[reason]}")
        if routes:
            self.stdout.write(solution.write(plan, f"{(figures.cost + figures.lost) / scale:g}"))

    def _compare(
        self, problem: Problem, ours: Plan, published: solution.Published, total: int, scale: int
    ) -> None:
        theirs = published.plan(problem)
        figures = measure(problem, theirs)
        cost = figures.cost + figures.lost
        doubts = verifier.verify(problem, theirs)
        state = f"breaks {len(doubts)} rules, first {doubts[0]}" if doubts else "verified"
        stated = f", stated {published.cost:.10g}" if published.cost is not None else ""
        must = any(entry.reason not in GIVEN_UP for entry in ours.left_out)
        gap = (
            f"{100 * (total - cost) / cost:+.2f} %"
            if cost and not must
            else "not comparable, visits are left out"
        )
        self.stdout.write(f"published solution: {cost / scale:.10g}{stated}, {state}; gap {gap}")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}; give the path of a .vrp or .txt file") from error
