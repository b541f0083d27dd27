"""The planner as a process: a problem as JSON comes in, news and plans go out, one a line, the best plan last."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import msgspec

from logistics.policies.planner import plan
from logistics.policies.problem import Plan, Problem


@dataclass(frozen=True, slots=True)
class Asked:
    """A problem, the seconds to plan it in, and perhaps a plan to start from."""

    problem: Problem
    seconds: float
    warm: Plan | None = None


@dataclass(frozen=True, slots=True)
class News:
    """A better plan, or how much of the time is used and what is done meanwhile; `is_last` when there is no more."""

    plan: Plan | None = None
    share: float = 0.0
    phase: str = ""
    is_last: bool = False


def main() -> None:
    """Read what is asked from standard input, tell what is found on standard output."""
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    best = plan(
        asked.problem,
        seconds=asked.seconds,
        warm=asked.warm,
        report=lambda share, phase: _tell(News(share=share, phase=phase)),
        found=lambda better: _tell(News(better)),
    )
    _tell(News(best, 1.0, "DONE", is_last=True))


def _tell(news: News) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(news) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
