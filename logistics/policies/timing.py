"""When a van that visits places in a given order is where, its rests included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from logistics.policies.problem import Call, Pause, Problem, Rest, Route, Task, Van


def drive(problem: Problem, van: Van, tasks: Sequence[Task], departs_s: int) -> Route:
    """Return the round that leaves at `departs_s`, waits where it is early, and rests as late as its rests allow.

    Nothing is checked: a round may come too late, and then says so by its times.
    """
    clock = _Clock(departs_s, list(van.rests))
    here, distance_m = van.start, 0
    calls: list[Call] = []
    for task in tasks:
        place = task.where
        travel = problem.durations[here][place.location]
        arrives, starts = clock.travel(travel, len(calls), place.opens_s, place.service_s)
        calls.append(Call(task.job, arrives, starts, clock.now, task.kind))
        distance_m += problem.distances[here][place.location]
        here = place.location
    home = problem.durations[here][van.end]
    returns, _ = clock.travel(home, len(calls), 0, 0)
    distance_m += problem.distances[here][van.end]
    return Route(van.key, departs_s, returns, distance_m, tuple(calls), tuple(clock.pauses))


def schedule(problem: Problem, van: Van, tasks: Sequence[Task], *, not_before_s: int = 0) -> Route:
    """Return the round of least duration among those that are back as early as can be, with rests where they fit.

    Leaves at or after the start of the shift and `not_before_s`. Savelsbergh's forward slack (The vehicle routing
    problem with time windows: minimizing route duration, 1992) for the waiting; rests make it a good guess.
    """
    earliest = max(van.starts_s, not_before_s)
    first = drive(problem, van, tasks, earliest)
    if not tasks:
        return first
    latest = _latest_departure(problem, van, tasks, first)
    if not van.rests:
        return drive(problem, van, tasks, latest)
    resting = sum(rest.length_s for rest in van.rests)
    tried = [drive(problem, van, tasks, max(earliest, at)) for at in (latest, latest - resting)]
    return min([*tried, first], key=lambda made: (lateness(problem, van, made), made.duration_s))


def lateness(problem: Problem, van: Van, route: Route) -> int:
    """Return by how many seconds in all a round misses opening hours, its shift and its rests."""
    late = sum(
        max(0, call.starts_s - problem.tasks[call.job, call.kind].where.closes_s) for call in route.calls
    )
    late += max(0, route.returns_s - van.ends_s) + max(0, route.duration_s - van.max_duration_s)
    taken = {pause.starts_s for pause in route.pauses}
    late += sum(
        rest.length_s
        for rest in van.rests
        if route.departs_s <= rest.closes_s < route.returns_s
        and not any(rest.opens_s <= start <= rest.closes_s for start in taken)
    )
    return late


def _latest_departure(problem: Problem, van: Van, tasks: Sequence[Task], first: Route) -> int:
    """Return the latest departure after which the round is still back when `first` is."""
    latest = first.calls[-1].starts_s
    for index in range(len(tasks) - 2, -1, -1):
        place, after = tasks[index].where, tasks[index + 1].where
        travel = problem.durations[place.location][after.location]
        latest = min(max(place.closes_s, first.calls[index].starts_s), latest - travel - place.service_s)
    return max(first.departs_s, latest - problem.durations[van.start][tasks[0].where.location])


@dataclass(slots=True)
class _Clock:
    """The time of a van under way, and the rests it still owes."""

    now: int
    owed: list[Rest]
    pauses: list[Pause] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Forget the rests that were taken before the van left."""
        self.owed = sorted(
            (rest for rest in self.owed if rest.closes_s >= self.now), key=lambda rest: rest.closes_s
        )

    def travel(self, travel_s: int, after: int, opens_s: int, service_s: int) -> tuple[int, int]:
        """Drive, wait and serve; return when it arrives and when service starts. Rests on the way or while waiting."""
        arrives = self.now + travel_s
        while self.owed:
            rest, starts = self.owed[0], max(arrives, opens_s)
            waits_from = max(arrives, rest.opens_s)
            if waits_from <= rest.closes_s and waits_from + rest.length_s <= starts:
                self._pause(after, waits_from, rest)  # it would wait anyway
                continue
            if starts + service_s <= rest.closes_s:
                break  # there is time for it after this stop
            begins = max(self.now, rest.opens_s)
            if begins < arrives:
                self._pause(after, begins, rest)  # on the road
                arrives += rest.length_s
                self.now = begins + rest.length_s
                continue
            self._pause(after, waits_from, rest)  # at the door, before service
            opens_s = max(opens_s, waits_from + rest.length_s)
        starts = max(arrives, opens_s)
        self.now = starts + service_s
        return arrives, starts

    def _pause(self, after: int, begins: int, rest: Rest) -> None:
        self.pauses.append(Pause(after, begins, begins + rest.length_s))
        self.owed.pop(0)
