"""What a planner is asked and what it answers: whole metres, seconds, and units of load (grams, cm³, pallets)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol

from logistics.policies.roads import Matrix

DEPOT: Final = 0  # the location a round starts from and returns to unless its van says otherwise
FOREVER: Final = 2**31 - 1  # seconds or metres: no limit; what every solver's whole numbers hold

Load = tuple[int, ...]  # in each dimension of capacity; live plans use weight, volume and pallets

VISIT: Final = "VISIT"
PICKUP: Final = "PICKUP"
DELIVERY: Final = "DELIVERY"


@dataclass(frozen=True, slots=True)
class Job:
    """A visit that drops `load` from the van's depot, and takes `collects` back to it.

    Service must start between `opens_s` and `closes_s` and takes `service_s`; no van that carries it leaves before
    `released_s`. Of the jobs of a `group` one is served. A higher `priority` is left behind later; with a `worth` it
    is left behind whenever serving it would cost more than that.
    """

    key: str
    location: int
    load: Load
    opens_s: int
    closes_s: int
    service_s: int
    skills: frozenset[str] = frozenset()
    priority: int = 1
    collects: Load = ()
    released_s: int = 0
    worth: int | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """A place where service starts between `opens_s` and `closes_s` and takes `service_s`."""

    location: int
    opens_s: int
    closes_s: int
    service_s: int


@dataclass(frozen=True, slots=True)
class Haul:
    """Goods picked up at one place and delivered at another by the same van, in that order."""

    key: str
    pickup: Window
    delivery: Window
    load: Load
    skills: frozenset[str] = frozenset()
    priority: int = 1
    worth: int | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """A break of `length_s` that begins between `opens_s` and `closes_s`, not during service.

    It is owed when the van is on its round at `closes_s`; before it leaves and after it returns a driver rests anyway.
    """

    opens_s: int
    closes_s: int
    length_s: int


@dataclass(frozen=True, slots=True)
class Van:
    """A vehicle free from `starts_s` until `ends_s`; costs in whole units, whichever, per metre, second and round.

    `frozen` are the (job, kind) that its round begins with, in this order, whatever else is planned.
    """

    key: str
    capacity: Load
    starts_s: int
    ends_s: int
    cost_per_m: int
    cost_per_s: int
    skills: frozenset[str] = frozenset()
    start: int = DEPOT
    end: int = DEPOT
    fixed_cost: int = 0
    max_duration_s: int = FOREVER
    max_distance_m: int = FOREVER
    rests: tuple[Rest, ...] = ()
    frozen: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Problem:
    """Jobs, hauls, vans and the roads between their locations; times in seconds since one origin.

    With `collect_last` every round drops something, and collects only after its last drop (backhauls).
    """

    jobs: tuple[Job, ...]
    vans: tuple[Van, ...]
    distances: Matrix
    durations: Matrix
    hauls: tuple[Haul, ...] = ()
    collect_last: bool = False

    @cached_property
    def tasks(self) -> dict[tuple[str, str], Task]:
        """What a van can be sent to do, by job and kind."""
        found: dict[tuple[str, str], Task] = {}
        for job in self.jobs:
            where = Window(job.location, job.opens_s, job.closes_s, job.service_s)
            found[job.key, VISIT] = Task(job.key, VISIT, where)
        for haul in self.hauls:
            found[haul.key, PICKUP] = Task(haul.key, PICKUP, haul.pickup)
            found[haul.key, DELIVERY] = Task(haul.key, DELIVERY, haul.delivery)
        return found

    @property
    def wanted(self) -> tuple[Job | Haul, ...]:
        """All that is to be served."""
        return (*self.jobs, *self.hauls)

    @property
    def size(self) -> int:
        """How many visits there are to plan."""
        return len(self.jobs) + 2 * len(self.hauls)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do at one place: a job's visit, or one end of a haul."""

    job: str
    kind: str
    where: Window


@dataclass(frozen=True, slots=True)
class Call:
    """A task in a route: when the vehicle arrives, when service starts (it may wait), when it drives on."""

    job: str
    arrives_s: int
    starts_s: int
    leaves_s: int
    kind: str = VISIT


@dataclass(frozen=True, slots=True)
class Pause:
    """A rest taken after so many calls of a route, from `starts_s` to `ends_s`."""

    after: int
    starts_s: int
    ends_s: int


@dataclass(frozen=True, slots=True)
class Route:
    """A round of one van."""

    van: str
    departs_s: int
    returns_s: int
    distance_m: int
    calls: tuple[Call, ...]
    pauses: tuple[Pause, ...] = ()

    @property
    def duration_s(self) -> int:
        """How long the round takes, waiting, service and rests included."""
        return self.returns_s - self.departs_s


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A job the plan refuses, and why."""

    job: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Every job and haul is in exactly one route or left out."""

    routes: tuple[Route, ...] = ()
    left_out: tuple[LeftOut, ...] = field(default=())


Report = Callable[[float, str], None]  # how much of the time is used (0 to 1), and what is known so far


class Planner(Protocol):
    """Anything that turns a problem into a plan within about `seconds` of wall-clock time."""

    def __call__(self, problem: Problem, *, seconds: float, report: Report | None = None) -> Plan:
        """Return a plan; it is checked by logistics.policies.verifier before anybody acts on it."""
        ...


def by_kind(vans: Sequence[Van]) -> list[list[Van]]:
    """Return the vans in groups that differ by their key alone."""
    kinds: dict[tuple[object, ...], list[Van]] = {}
    for van in vans:
        kinds.setdefault(
            (
                van.capacity, van.starts_s, van.ends_s, van.cost_per_m, van.cost_per_s, van.skills, van.start,
                van.end, van.fixed_cost, van.max_duration_s, van.max_distance_m, van.rests, van.frozen,
            ),
            [],
        ).append(van)  # fmt: skip
    return list(kinds.values())
