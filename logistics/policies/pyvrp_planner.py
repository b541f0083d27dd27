"""Routes by PyVRP (Wouda, Lan, Kool: PyVRP, a high-performance VRP solver package, INFORMS J. Computing 2024)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from logistics.policies.problem import Plan, Problem, Report
from logistics.policies.pyvrp_model import FORBIDDEN, Model

SEED = 20_240_117  # any; the same problem gives the same plan unless the time limit cuts in
PATIENCE = 1_500  # iterations without a better plan, times the square root of the visits, after which it is good enough
DOUBT = 0.5  # of the time, after which a plan that serves all is no longer hoped for
EACH_S = 0.5  # between two reports

Found = Callable[[Plan], None]


def plan(
    problem: Problem,
    *,
    seconds: float,
    warm: Plan | None = None,
    seed: int = SEED,
    report: Report | None = None,
    found: Found | None = None,
) -> Plan:
    """Plan what can be planned; what is in no route of the answer could not be served or was not worth it.

    Capacity in every dimension, opening hours, shifts, limits of time and distance, several depots, fixed and unit
    costs, hauls, skills, release times and groups; as many jobs as possible by priority, then at the least cost. Knows
    nothing of rests and frozen stops. `warm` is a plan to start from; `found` is told better plans as they come. The
    result is this module's opinion: verify it.
    """
    ends = time.monotonic() + seconds
    if _may_fit(problem):
        model = Model.of(problem, all_of_it=True)
        search = _Search(model, ends, report, found, seed)
        best = search.run(_start(model, warm), doubt_s=DOUBT * seconds)
        if best.is_feasible():
            return Plan(tuple(model.routes(best)))
    model = Model.of(problem, all_of_it=False)
    best = _Search(model, ends, report, found, seed).run(_start(model, warm))
    return Plan(tuple(model.routes(best)))


def _may_fit(problem: Problem) -> bool:
    """Tell whether the vans have room for everything that has to be served."""
    for dimension in range(max(len(van.capacity) for van in problem.vans)):
        room = sum(van.capacity[dimension] for van in problem.vans if dimension < len(van.capacity))
        wanted = sum(
            job.load[dimension]
            for job in problem.jobs
            if job.worth is None and not job.group and dimension < len(job.load)
        )
        if wanted > room:
            return False
    return True


def _start(model: Model, warm: Plan | None) -> Any:
    return model.solution(warm) if warm is not None and warm.routes else None


class _Search:
    """One run of PyVRP's search; it stops in time or when nothing better comes, and tells how far it is."""

    def __init__(
        self, model: Model, ends: float, report: Report | None, found: Found | None, seed: int
    ) -> None:
        self.model, self.ends, self.report, self.found = model, ends, report, found
        self.seed = seed
        self.began = self.told = time.monotonic()
        self.patience = int(PATIENCE * max(1, model.problem.size) ** 0.5)
        self.doubtful = ends
        self.best: float | None = None
        self.since = 0
        self.news: Any = None

    def run(self, start: Any, *, doubt_s: float | None = None) -> Any:
        """Return the best solution; gives up after `doubt_s` while none can be driven."""
        import pyvrp
        from pyvrp.IteratedLocalSearch import IteratedLocalSearch, IteratedLocalSearchParams
        from pyvrp.PenaltyManager import PenaltyManager, PenaltyParams
        from pyvrp.search import OPERATORS, LocalSearch, PerturbationManager, compute_neighbours

        if doubt_s is not None:
            self.doubtful = self.began + doubt_s
        data, random = self.model.data, pyvrp.RandomNumberGenerator(seed=self.seed)
        search = LocalSearch(data, random, compute_neighbours(data), PerturbationManager())
        for operator in OPERATORS:
            if operator.supports(data):
                search.add_operator(operator(data))
        # Breaking a rule by the smallest unit must be able to cost more than serving a job is worth: with the default
        # limit the search may prefer an overloaded van, and never find a plan that may be driven.
        params = PenaltyParams(max_penalty=float(max(100_000, self.model.prize)))
        penalties = PenaltyManager(_penalties(data), params)
        if start is None:
            drawn = pyvrp.Solution.make_random(data, random)
            start = search(drawn, penalties.max_cost_evaluator(), exhaustive=True)
        asked = IteratedLocalSearchParams(callbacks=self)  # type: ignore[arg-type]
        return (
            IteratedLocalSearch(data, penalties, search, start, asked)
            .run(self._is_over, collect_stats=False)
            .best
        )

    def _is_over(self, best_cost: float) -> bool:
        now = time.monotonic()
        if self.best is None or best_cost < self.best:
            self.best, self.since = best_cost, 0
        self.since += 1
        if now - self.told >= EACH_S:
            self._tell(now)
        return now >= self.ends or self.since > self.patience or (now >= self.doubtful and not self.news)

    def _tell(self, now: float) -> None:
        self.told = now
        if self.report:
            self.report(min(1.0, (now - self.began) / max(EACH_S, self.ends - self.began)), "SEARCHING")
        if self.found and self.news not in (None, True):
            self.found(Plan(tuple(self.model.routes(self.news))))
            self.news = True

    def on_best(self, best: Any) -> None:
        """Keep what may be driven, to be told at the next report."""
        if best.is_feasible():
            self.news = best

    def on_start(self, search: Any) -> None:
        """Keep what the search starts from when that may be driven already."""
        self.on_best(search.initial_solution)

    def on_iteration(self, *_: Any) -> None:
        """Do nothing."""

    def on_restart(self, best: Any) -> None:
        """Do nothing."""

    def on_end(self, result: Any) -> None:
        """Do nothing."""


def _penalties(data: Any) -> tuple[list[float], float, float]:
    """Return what a unit of load, second or metre too much costs at first: what a leg costs, by the usual amount.

    PyVRP's own start, the middle of its range, is so high that half of a short search is spent coming down from it.
    """
    import numpy as np

    distances, durations = data.distance_matrix(0), data.duration_matrix(0)
    open_legs = (distances < FORBIDDEN) & (distances > 0)
    far = float(distances[open_legs].mean()) if open_legs.any() else 1.0
    slow = float(durations[open_legs].mean()) if open_legs.any() else 1.0
    vans = data.vehicle_types()
    leg = float(np.mean([far * van.unit_distance_cost + slow * van.unit_duration_cost for van in vans]))
    loads = [max(client.delivery, client.pickup) for client in data.clients()]
    loads += [shipment.amount for shipment in data.shipments()]
    usual = np.mean(loads or [[1.0]], axis=0)
    by_load = [max(0.1, leg / max(1.0, float(amount))) for amount in usual]
    return by_load, max(0.1, leg / max(1.0, slow)), max(0.1, leg / max(1.0, far))
