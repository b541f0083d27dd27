"""Periodic work: `@every("name", seconds=30)` or `@daily("name", at="02:30")` on a function in an app's tasks.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Any, TypeVar

from django.conf import settings

from b2b.outbox.periods import Daily, Every, Rule

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Periodic:
    """A function that runs once a period; `attempts` is how often a failed run is tried."""

    name: str
    rule: Rule
    call: Callable[[], Any]
    queue: str
    attempts: int


SCHEDULES: dict[str, Periodic] = {}


def every(name: str, *, seconds: int, queue: str = "") -> Callable[[F], F]:
    """Run the function once every so many seconds; a failed run is not repeated, the next period is near.

    :raises ValueError: when the name is taken or the period is not positive.
    """
    if seconds < 1:
        raise ValueError("a period lasts at least a second")
    return _register(name, Every(seconds), queue, attempts=1)


def daily(name: str, *, at: str, zone: str = "", queue: str = "", attempts: int = 3) -> Callable[[F], F]:
    """Run the function once a day at a wall-clock time ("02:30") of `zone`, by default the platform's own.

    :raises ValueError: when the name is taken.
    """
    return _register(
        name, Daily(time.fromisoformat(at), zone or settings.TIME_ZONE), queue, attempts=attempts
    )


def _register(name: str, rule: Rule, queue: str, *, attempts: int) -> Callable[[F], F]:
    def register(call: F) -> F:
        known = SCHEDULES.get(name)
        if known is not None and (known.call.__module__, known.call.__name__) != (
            call.__module__,
            call.__name__,
        ):
            raise ValueError(f"two schedules are called {name}")
        app = call.__module__.removesuffix(".tasks").rpartition(".")[2]
        chosen = queue or (app if app in settings.QUEUES else "default")
        SCHEDULES[name] = Periodic(name, rule, call, chosen, attempts)
        return call

    return register
