"""Published solutions (CVRPLIB `.sol`): routes of nodes, and the cost they are said to have."""

from __future__ import annotations

import re
from dataclasses import dataclass

from logistics.policies import timing
from logistics.policies.figures import measure
from logistics.policies.instances.instance import Instance
from logistics.policies.instances.roads import CONVENTIONS
from logistics.policies.instances.text import BadInstance, read_number
from logistics.policies.problem import DELIVERY, PICKUP, VISIT, LeftOut, Plan, Problem, Route, Task
from logistics.policies.pyvrp_model import released

ROUTE = re.compile(r"^route\s*#?\s*(\d+)\s*:?\s*(.*)$", re.IGNORECASE)
COST = re.compile(r"^cost\s*:?\s*(\S+)$", re.IGNORECASE)
NEAR = 1e-6  # of a cost, as printed with decimals


@dataclass(frozen=True, slots=True)
class Published:
    """Routes by node, in the order of the vehicles, and the stated cost."""

    routes: tuple[tuple[int, ...], ...]
    cost: float | None

    def plan(self, problem: Problem) -> Plan:
        """Return the routes as a plan; nodes that are in none are left out.

        :raises BadInstance: when it has more routes than there are vehicles, or visits what is no customer.
        """
        tasks = {
            task.where.location: task
            for task in problem.tasks.values()
            if task.kind in (VISIT, PICKUP, DELIVERY)
        }
        depots = {place for van in problem.vans for place in (van.start, van.end)}
        if len(self.routes) > len(problem.vans):
            raise BadInstance(
                0, f"the solution has {len(self.routes)} routes for {len(problem.vans)} vehicles"
            )
        made = []
        for van, nodes in zip(problem.vans, self.routes, strict=False):
            if unknown := [node for node in nodes if node not in tasks and node not in depots]:
                raise BadInstance(0, f"the solution visits {unknown[0]}, which is no customer")
            visits = [tasks[node] for node in nodes if node not in depots]
            if visits:
                made.append(_timed(problem, van.key, visits))
        served = {call.job for route in made for call in route.calls}
        left = [job.key for job in problem.wanted if job.key not in served]
        return Plan(tuple(made), tuple(LeftOut(key, "NOT_WORTH_IT") for key in left))


def _timed(problem: Problem, van: str, tasks: list[Task]) -> Route:
    driver = next(one for one in problem.vans if one.key == van)
    return timing.schedule(problem, driver, tasks, not_before_s=released(problem, tasks))


def read(content: str) -> Published:
    """Read a solution file.

    :raises BadInstance: for a line that is neither a route nor the cost.
    """
    routes: list[tuple[int, ...]] = []
    cost = None
    for number, line in enumerate(content.splitlines(), start=1):
        if told := ROUTE.match(line.strip()):
            routes.append(tuple(int(read_number(word, number)) for word in told[2].split()))
        elif told := COST.match(line.strip()):
            cost = float(read_number(told[1], number))
    if not routes:
        raise BadInstance(0, "there is no route in the solution")
    return Published(tuple(routes), cost)


def convention(instance: Instance, published: Published) -> str | None:
    """Return the convention of rounding under which the solution costs what it says, None when none does."""
    if published.cost is None:
        return None
    order = sorted(CONVENTIONS, key=lambda name: name != instance.usual)
    for name in order:
        problem = instance.problem(name)
        figures = measure(problem, published.plan(problem))
        scale = CONVENTIONS[name][0]
        for stated in (published.cost, published.cost * scale):
            if abs(figures.cost + figures.lost - stated) <= max(NEAR * abs(stated), 0.0):
                return name
    return None


def write(plan: Plan, cost: str) -> str:
    """Return a plan as a solution file; a haul is two visits."""
    lines = []
    for index, route in enumerate(plan.routes, start=1):
        nodes = [_node(call.job, call.kind) for call in route.calls]
        lines.append(f"Route #{index}: {' '.join(nodes)}")
    return "\n".join([*lines, f"Cost {cost}", ""])


def _node(job: str, kind: str) -> str:
    if kind == VISIT:
        return job
    return job.split("-")[0 if kind == PICKUP else 1]
