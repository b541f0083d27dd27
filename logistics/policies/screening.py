"""Which jobs no vehicle could take even if it carried nothing else, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from logistics.policies.problem import DEPOT, Job, LeftOut, Problem, Van, drive

NO_VEHICLE: Final = "NO_VEHICLE"
NEEDS_SKILL: Final = "NEEDS_SKILL"
TOO_HEAVY: Final = "TOO_HEAVY"
TOO_LARGE: Final = "TOO_LARGE"
OUT_OF_REACH: Final = "OUT_OF_REACH"
FLEET_FULL: Final = "FLEET_FULL"
BLOCKED: Final = "BLOCKED"

REASONS: Final[dict[str, str]] = {
    NO_VEHICLE: "no vehicle is free",
    NEEDS_SKILL: "no free vehicle has the skills it needs",
    TOO_HEAVY: "heavier than any free vehicle that fits otherwise may carry",
    TOO_LARGE: "larger than any free vehicle that fits otherwise can hold",
    OUT_OF_REACH: "no free vehicle could arrive in its opening hours and be back by the end of its shift",
    BLOCKED: "it holds goods that were recalled or quarantined",
    FLEET_FULL: "the free vehicles are full; the next plan takes it up",
}


def screen(problem: Problem) -> list[LeftOut]:
    """Return the jobs that cannot be planned at all, each with the first test that no vehicle passed."""
    refused = []
    for job in problem.jobs:
        reason = why_not(problem, job)
        if reason:
            refused.append(LeftOut(job.key, reason))
    return refused


def why_not(problem: Problem, job: Job) -> str:
    """Return the reason that no van can serve `job` alone, or "" when one can."""
    vans: Sequence[Van] = problem.vans
    if not vans:
        return NO_VEHICLE
    vans = [van for van in vans if job.skills <= van.skills]
    if not vans:
        return NEEDS_SKILL
    vans = [van for van in vans if job.weight_g <= van.weight_g]
    if not vans:
        return TOO_HEAVY
    vans = [van for van in vans if job.volume_cm3 <= van.volume_cm3]
    if not vans:
        return TOO_LARGE
    return "" if any(reaches(problem, van, job) for van in vans) else OUT_OF_REACH


def reaches(problem: Problem, van: Van, job: Job) -> bool:
    """Tell whether a van that leaves at the start of its shift serves `job` in its hours and returns in time."""
    earliest = van.starts_s + problem.durations[DEPOT][job.location]
    if earliest > job.closes_s:
        return False
    return drive(problem, van, (job,), van.starts_s).returns_s <= van.ends_s
