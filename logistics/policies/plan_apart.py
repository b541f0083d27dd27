"""The planner as a process: a problem as JSON comes in, a plan as JSON goes out."""

from __future__ import annotations

import sys

import msgspec

from logistics.policies.problem import Problem
from logistics.policies.pyvrp_planner import plan


def main() -> None:
    """Read a problem from standard input, plan for the seconds given, write the plan to standard output."""
    problem = msgspec.json.decode(sys.stdin.buffer.read(), type=Problem)
    sys.stdout.buffer.write(msgspec.json.encode(plan(problem, seconds=float(sys.argv[1]))))


if __name__ == "__main__":
    main()
