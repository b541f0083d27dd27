"""The planner in use: small problems here, larger ones in a process of their own with a hard limit."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from selectors import EVENT_READ, DefaultSelector
from threading import Thread
from typing import IO

import msgspec

from b2b.core.errors import DomainError
from logistics.policies import planner
from logistics.policies.plan_apart import Asked, News
from logistics.policies.problem import Plan, Problem, Report
from logistics.policies.pyvrp_planner import SEED, Found

SMALL = 60  # visits up to which the solver's own time limit is kept closely enough
GRACE_S = 5.0  # to start the process and read the problem, on top of the time to plan
AT_ONCE_LIMIT_S = 60.0  # for a plan without a search, which VROOM takes as long over as it takes
CHUNK = 1 << 20
BEAT_S = 1.0  # how often a process that says nothing is asked about

Alive = Callable[[], bool]  # tells whether anybody still waits for the plan


class PlannerFailed(DomainError):
    """The planner gave no answer in its time; nothing was planned."""

    code = "planner_failed"
    status = 503


class CalledOff(DomainError):
    """Nobody waits for this plan any more."""

    code = "plan_called_off"


def solve(
    problem: Problem, *, seconds: float, warm: Plan | None = None, report: Report | None = None
) -> Plan:
    """Plan within `seconds`; a process that outlives them by more than its start-up is killed.

    :raises PlannerFailed: when it was killed or broke before it had any plan.
    """
    if problem.size <= SMALL:
        return planner.plan(problem, seconds=seconds, warm=warm, report=report)
    return solve_apart(problem, seconds=seconds, warm=warm, report=report)


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told how a plan comes along; `alive` is asked at least each BEAT_S, and may call it off."""

    report: Report | None = None
    found: Found | None = None
    alive: Alive | None = None
    weighed: Callable[[int], None] | None = None  # told the megabytes the process held at most so far


def solve_apart(
    problem: Problem,
    *,
    seconds: float,
    warm: Plan | None = None,
    report: Report | None = None,
    grace_s: float = GRACE_S,
    seed: int = SEED,
    listener: Listener | None = None,
) -> Plan:
    """Plan in a process of its own; one that has to be killed leaves the best plan it told of.

    :raises PlannerFailed: when there is none. :raises CalledOff: when the listener waits no more.
    """
    allowed = AT_ONCE_LIMIT_S if seconds < planner.AT_ONCE_S else seconds
    killed_at = time.monotonic() + allowed + grace_s
    command = [sys.executable, "-m", "logistics.policies.plan_apart"]
    asked = msgspec.json.encode(Asked(problem, seconds, warm, seed))
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    complaints: list[bytes] = []
    helpers = [
        Thread(target=_write, args=(process.stdin, asked), daemon=True),
        Thread(target=lambda pipe: complaints.append(pipe.read()), args=(process.stderr,), daemon=True),
    ]
    for helper in helpers:
        helper.start()
    try:
        best = _listen(process.stdout, killed_at, listener or Listener(report))
    finally:
        process.kill()
        process.wait()
        for helper in helpers:
            helper.join()
        process.stdout.close()
        process.stderr.close()
    if best is None:
        raise PlannerFailed(seconds=seconds, detail=b"".join(complaints).decode(errors="replace")[-500:])
    return best


def _write(pipe: IO[bytes], content: bytes) -> None:
    try:
        with pipe:
            pipe.write(content)
    except OSError:
        pass  # the process ended before it had read everything: its answer, or the lack of one, tells


def _listen(pipe: IO[bytes], until: float, listener: Listener) -> Plan | None:
    """Return the last plan told before the process ended or its time was up."""
    best, rest = None, b""
    with DefaultSelector() as selector:
        selector.register(pipe, EVENT_READ)
        while (left := until - time.monotonic()) > 0:
            ready = selector.select(min(left, BEAT_S))
            if listener.alive and not listener.alive():
                raise CalledOff
            if not ready:
                continue
            chunk = pipe.read1(CHUNK)  # type: ignore[attr-defined]
            if not chunk:
                break
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                news = msgspec.json.decode(line, type=News)
                best = news.plan or best
                _tell(listener, news)
                if news.is_last:
                    return best
    return best


def _tell(listener: Listener, news: News) -> None:
    if listener.found and news.plan:
        listener.found(news.plan)
    if listener.report and news.phase:
        listener.report(news.share, news.phase)
    if listener.weighed and news.memory_mb:
        listener.weighed(news.memory_mb)
