"""Waiting in tests for what another thread or process does: always with an end, and saying what was waited for."""

import time
from collections.abc import Callable

PATIENCE_S = 60.0


def eventually(
    condition: Callable[[], object],
    *,
    seconds: float = PATIENCE_S,
    every: float = 0.02,
    said: Callable[[], object] = lambda: "",
) -> None:
    """Look every `every` seconds until the condition holds; fail after `seconds` with what `said` tells then.

    Between two looks the processor belongs to those who are waited for; an `Event` serves where both sides share one.
    """
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not within {seconds:g} s. {said()}"
        time.sleep(every)
