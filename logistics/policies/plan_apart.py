"""The planner as a process: a problem as JSON comes in, news and plans go out, one a line, the best plan last."""

from __future__ import annotations

import resource
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from logistics.policies.planner import plan
from logistics.policies.problem import Plan, Problem
from logistics.policies.pyvrp_planner import SEED


@dataclass(frozen=True, slots=True)
class Asked:
    """A problem, the seconds to plan it in, perhaps a plan to start from, and where the search's chances start."""

    problem: Problem
    seconds: float
    warm: Plan | None = None
    seed: int = SEED


@dataclass(frozen=True, slots=True)
class News:
    """A better plan, or how much of the time is used and what is done meanwhile; `is_last` when there is no more.

    `memory_mb` is the most the process ever held, told with the time used.
    """

    plan: Plan | None = None
    share: float = 0.0
    phase: str = ""
    is_last: bool = False
    memory_mb: int = 0


def main() -> None:
    """Read what is asked from standard input, tell what is found on standard output."""
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    best = plan(
        asked.problem,
        seconds=asked.seconds,
        warm=asked.warm,
        seed=asked.seed,
        report=lambda share, phase: _tell(News(share=share, phase=phase, memory_mb=_held_mb())),
        found=lambda better: _tell(News(better)),
    )
    _tell(News(best, 1.0, "DONE", is_last=True, memory_mb=_held_mb()))


def _held_mb() -> int:
    """Return the most memory this process ever held, in MB.

    Linux keeps ru_maxrss over exec: there it would be the size of the worker that started us, if that was larger.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return -(-resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    held = next(line for line in lines if line.startswith("VmHWM:"))
    return -(-int(held.split()[1]) // 1024)


def _tell(news: News) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(news) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
