"""A plan driven before anybody drives it: what its stops may expect of legs and visits as they usually are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from logistics.policies.arrivals import Ahead, HourOf, Outlook, look_ahead
from logistics.policies.pace import Paces
from logistics.policies.problem import Call, Plan, Problem, Route, Van

SEED = 7


@dataclass(frozen=True, slots=True)
class Simulated:
    """The outlook of each job by its key, and how many stops in a hundred are late on average."""

    outlooks: dict[str, Outlook]
    late_percent: int


def simulate(
    problem: Problem,
    plan: Plan,
    *,
    paces: Paces,
    hour_of: HourOf,
    places: dict[str, str] | None = None,
    seed: int = SEED,
) -> Simulated:
    """Drive a plan many times; every van leaves when it is planned to and takes its rests.

    `places` names the drop point of each job, where unloading was learned by place.
    """
    vans = {van.key: van for van in problem.vans}
    outlooks: dict[str, Outlook] = {}
    for number, route in enumerate(plan.routes):
        stops = ahead(problem, vans[route.van], route, places or {})
        seen = look_ahead(stops, starts_s=route.departs_s, paces=paces, hour_of=hour_of, seed=seed + number)
        outlooks |= {one.key: one for one in seen}
    late = sum(one.late_share for one in outlooks.values())
    return Simulated(outlooks, round(100 * late / len(outlooks)) if outlooks else 0)


def ahead(problem: Problem, van: Van, route: Route, places: dict[str, str]) -> Sequence[Ahead]:
    """Return the stops of a round as they are planned; the first leg starts at the van's depot."""
    stops, here = [], van.start
    for index, call in enumerate(route.calls):
        where = problem.tasks[call.job, call.kind].where
        stops.append(
            Ahead(
                key=call.job,
                place=places.get(call.job, ""),
                leg_m=problem.distances[here][where.location],
                leg_s=problem.durations[here][where.location],
                service_s=where.service_s,
                opens_s=where.opens_s,
                closes_s=where.closes_s,
                rest_s=_rest_s(route, index, call),
            )
        )
        here = where.location
    return stops


def _rest_s(route: Route, index: int, call: Call) -> int:
    """Return what the driver rests before a call and would not have waited anyway."""
    resting = sum(pause.ends_s - pause.starts_s for pause in route.pauses if pause.after == index)
    waiting = call.starts_s - call.arrives_s
    return max(0, resting - waiting)
