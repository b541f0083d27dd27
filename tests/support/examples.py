"""How many cases a test makes up: few in the suite, TIMES as many where somebody has the time (`make thorough`)."""

from __future__ import annotations

import os
from typing import Final

TIMES: Final = int(os.environ.get("TIMES", "1"))


def examples(few: int) -> int:
    """Return how many cases to try where `few` will do."""
    return few * TIMES
