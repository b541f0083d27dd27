"""Routes beside the best known, and beside VROOM alone on the same instance, within the time each size may take.

A gap of a made-up instance is to what a run of three times the time finds; it may be below zero.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import instances
from benchmarks.report import Report
from logistics.policies.figures import measure
from logistics.policies.instances import instance, solution
from logistics.policies.problem import Plan, Problem
from logistics.policies.verifier import verify
from logistics.services import planner

# Visits -> seconds it may take and per cent above the best known it may cost.
WANTED = {50: (1.0, 1.0), 200: (5.0, 1.0), 500: (30.0, 1.0), 1_000: (45.0, 5.0)}
# How many times its time the run takes that a made-up instance is compared with.
LONGER = 3
SAMPLES = Path(os.environ.get("SAMPLES_DIR", "../shared/samples")) / "vrp"
PUBLIC = ("RC208", "X115-HVRP")  # those with a published solution beside them
MOST_MB = 500


@dataclass(frozen=True, slots=True)
class Case:
    """A problem and the cost to compare with, in the problem's units."""

    name: str
    problem: Problem
    best: float


def run(report: Report) -> None:
    """Plan instances made up and public ones; every plan passes the verifier."""
    for case in _cases(report):
        seconds, at_most = next(limits for size, limits in WANTED.items() if case.problem.size <= size)
        began = time.monotonic()
        plan = planner.solve(
            case.problem, seconds=seconds - (0.5 if case.problem.size > planner.SMALL else 0)
        )
        took = time.monotonic() - began
        began = time.monotonic()
        instant = planner.solve(case.problem, seconds=0.0)
        took_instant = time.monotonic() - began
        report.at_most(
            f"plan {case.name}: above the best known",
            case.problem.size,
            _gap(case, plan),
            unit="%",
            wanted=at_most,
            beside=_gap(case, instant),
        )
        report.duration(
            f"time for {case.name}",
            case.problem.size,
            took * 1000,
            limit_ms=took_instant * 1000,
            at_most_ms=seconds * 1100,
        )
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    report.note(
        f"the limit is VROOM alone; the largest planning process took {largest:.0f} MB (wanted <= {MOST_MB})"
    )


def _cases(report: Report) -> Iterator[Case]:
    """Yield the public instances with their published cost, and made-up ones with the cost a longer run finds."""
    for name in PUBLIC:
        path = SAMPLES / f"{name}.vrp"
        if not path.exists():
            report.note(f"no {path}: set SAMPLES_DIR")
            continue
        told, published = instance.read(path.read_text()), solution.read(path.with_suffix(".sol").read_text())
        problem = told.problem(solution.convention(told, published) or told.usual)
        yield Case(name, problem, measure(problem, published.plan(problem)).cost)
    for size in report.sizes(*WANTED):
        if size not in WANTED:
            continue
        for text in (instances.capacitated(size, seed=size), instances.windowed(size, seed=size)):
            told = instance.read(text)
            problem = told.problem(told.usual)
            best = planner.solve_apart(problem, seconds=LONGER * WANTED[size][0])
            yield Case(told.name, problem, measure(problem, best).cost)


def _gap(case: Case, plan: Plan) -> float:
    """Return by how many per cent a plan is dearer than the best known; infinite when it leaves something out."""
    if broken := verify(case.problem, plan):
        raise RuntimeError(f"{case.name}: {broken[0]}")
    if plan.left_out:
        return float("inf")
    return 100 * (measure(case.problem, plan).cost / case.best - 1)
