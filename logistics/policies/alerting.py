"""From when on something is wrong on the road."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Limits:
    """How close is arrived, how late is late, how long is still or silent, how far is off the way.

    `detour_m` is how much longer the way over the vehicle's place may be than the straight one to its next stop.
    """

    fence_m: int = 200
    late: timedelta = timedelta(minutes=15)
    stopped: timedelta = timedelta(minutes=30)
    still_m: int = 200
    silent: timedelta = timedelta(minutes=20)
    detour_m: int = 15_000

    @property
    def params(self) -> dict[str, Any]:
        """The same as parameters of a statement."""
        return {name: getattr(self, name) for name in self.__slots__}


LIMITS: Final = Limits()
