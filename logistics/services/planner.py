"""The planner in use: small problems here, larger ones in a process of their own with a hard limit."""

from __future__ import annotations

import subprocess
import sys

import msgspec

from b2b.core.errors import DomainError
from logistics.policies import pyvrp_planner
from logistics.policies.problem import Plan, Problem

SMALL = 60  # jobs up to which the solver's own time limit is kept closely enough
GRACE_S = 10.0  # start-up of the process and reading of the problem, on top of the time to plan


class PlannerFailed(DomainError):
    """The planner gave no answer in its time; nothing was planned."""

    code = "planner_failed"
    status = 503


def solve(problem: Problem, *, seconds: float) -> Plan:
    """Plan within `seconds`; a process that outlives them by more than its start-up is killed.

    :raises PlannerFailed: when it was killed or broke.
    """
    if len(problem.jobs) <= SMALL:
        return pyvrp_planner.plan(problem, seconds=seconds)
    return solve_apart(problem, seconds=seconds)


def solve_apart(problem: Problem, *, seconds: float, grace_s: float = GRACE_S) -> Plan:
    """Plan in a process of its own.

    :raises PlannerFailed: when it did not end in time or broke.
    """
    command = [sys.executable, "-m", "logistics.policies.plan_apart", repr(seconds)]
    try:
        done = subprocess.run(
            command,
            input=msgspec.json.encode(problem),
            capture_output=True,
            timeout=seconds + grace_s,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise PlannerFailed(seconds=seconds) from error
    except subprocess.CalledProcessError as error:
        raise PlannerFailed(detail=error.stderr.decode(errors="replace")[-500:]) from error
    return msgspec.json.decode(done.stdout, type=Plan)
