"""What a planner is asked and what it answers: whole metres, seconds, grams, cubic centimetres."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

from logistics.policies.roads import Matrix

DEPOT: Final = 0  # the location every route starts from and returns to


@dataclass(frozen=True, slots=True)
class Job:
    """A shipment to drop; service must start between `opens_s` and `closes_s` and takes `service_s`.

    `location` is its row in the matrices. A higher `priority` is left behind later.
    """

    key: str
    location: int
    weight_g: int
    volume_cm3: int
    opens_s: int
    closes_s: int
    service_s: int
    skills: frozenset[str] = frozenset()
    priority: int = 1


@dataclass(frozen=True, slots=True)
class Van:
    """A vehicle free from `starts_s` until `ends_s`; costs in whole units, whichever, per metre and second."""

    key: str
    weight_g: int
    volume_cm3: int
    starts_s: int
    ends_s: int
    cost_per_m: int
    cost_per_s: int
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """Jobs, vans and the roads between the depot (location 0) and the jobs; times in seconds since one origin."""

    jobs: tuple[Job, ...]
    vans: tuple[Van, ...]
    distances: Matrix
    durations: Matrix


@dataclass(frozen=True, slots=True)
class Call:
    """One job in a route: when the vehicle arrives, when service starts (it may wait), when it drives on."""

    job: str
    arrives_s: int
    starts_s: int
    leaves_s: int


@dataclass(frozen=True, slots=True)
class Route:
    """A round of one van."""

    van: str
    departs_s: int
    returns_s: int
    distance_m: int
    calls: tuple[Call, ...]

    @property
    def duration_s(self) -> int:
        """How long the round takes, waiting and service included."""
        return self.returns_s - self.departs_s


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A job the plan refuses, and why."""

    job: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Every job is in exactly one route or left out."""

    routes: tuple[Route, ...] = ()
    left_out: tuple[LeftOut, ...] = field(default=())


class Planner(Protocol):
    """Anything that turns a problem into a plan within about `seconds` of wall-clock time."""

    def __call__(self, problem: Problem, *, seconds: float) -> Plan:
        """Return a plan; it is checked by logistics.policies.verifier before anybody acts on it."""
        ...


def drive(problem: Problem, van: Van, jobs: tuple[Job, ...], departs_s: int) -> Route:
    """Return the route of a van that leaves at `departs_s` and visits `jobs` in order, waiting where it is early."""
    here, now, distance_m, calls = DEPOT, departs_s, 0, []
    for job in jobs:
        distance_m += problem.distances[here][job.location]
        arrives = now + problem.durations[here][job.location]
        starts = max(arrives, job.opens_s)
        now, here = starts + job.service_s, job.location
        calls.append(Call(job.key, arrives, starts, now))
    distance_m += problem.distances[here][DEPOT]
    return Route(van.key, departs_s, now + problem.durations[here][DEPOT], distance_m, tuple(calls))
