"""What a new plan changes of the one before it: who is moved, who joins, who is left, and how much later or sooner."""

from __future__ import annotations

from dataclasses import dataclass

from logistics.policies.problem import Plan

NOTICED_S = 300  # an arrival that moves by less is no change to anybody


@dataclass(frozen=True, slots=True)
class Changes:
    """Jobs by what became of them; each is in one of the first five at most.

    `moved` go with another van, `reordered` have another one before them on the same van, `retimed` arrive at another
    time by NOTICED_S or more though their place in the round is the same. `vans_added` and `vans_dropped` are vans.
    """

    moved: tuple[str, ...]
    reordered: tuple[str, ...]
    retimed: tuple[str, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    vans_added: tuple[str, ...]
    vans_dropped: tuple[str, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class _Place:
    van: str
    after: str
    arrives_s: int


def compare(before: Plan, after: Plan) -> Changes:
    """Return what differs; each job served before or after is counted exactly once."""
    old, new = _places(before), _places(after)
    found: dict[str, list[str]] = {"moved": [], "reordered": [], "retimed": [], "same": []}
    for job in sorted(old.keys() & new.keys()):
        found[_kind(old[job], new[job])].append(job)
    vans_before = {route.van for route in before.routes}
    vans_after = {route.van for route in after.routes}
    return Changes(
        moved=tuple(found["moved"]),
        reordered=tuple(found["reordered"]),
        retimed=tuple(found["retimed"]),
        added=tuple(sorted(new.keys() - old.keys())),
        dropped=tuple(sorted(old.keys() - new.keys())),
        vans_added=tuple(sorted(vans_after - vans_before)),
        vans_dropped=tuple(sorted(vans_before - vans_after)),
        unchanged=len(found["same"]),
    )


def _places(plan: Plan) -> dict[str, _Place]:
    places: dict[str, _Place] = {}
    for route in plan.routes:
        last = ""
        for call in route.calls:
            places[call.job] = _Place(route.van, last, call.arrives_s)
            last = call.job
    return places


def _kind(old: _Place, new: _Place) -> str:
    if old.van != new.van:
        return "moved"
    if old.after != new.after:
        return "reordered"
    return "retimed" if abs(old.arrives_s - new.arrives_s) >= NOTICED_S else "same"
