"""How much of an agreed quantity may still be called off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from b2b.core.errors import Problem

WHOLE_BP: Final = 10_000


def ceiling(agreed: int, tolerance_bp: int) -> int:
    """Return the most base units that may be called off: the agreed quantity and its tolerance, rounded down.

    :raises ValueError: for a negative quantity, or a tolerance outside 0..10,000 basis points.
    """
    if agreed < 0 or not 0 <= tolerance_bp <= WHOLE_BP:
        raise ValueError(f"{agreed} base units with {tolerance_bp} basis points of tolerance")
    return agreed * (WHOLE_BP + tolerance_bp) // WHOLE_BP


@dataclass(frozen=True, slots=True)
class Standing:
    """What a blanket line agreed on and what of it is called off, in base units."""

    line_number: int
    sku: str
    agreed: int
    released: int
    tolerance_bp: int

    @property
    def left(self) -> int:
        """What may still be called off, tolerance included; never negative."""
        return max(0, ceiling(self.agreed, self.tolerance_bp) - self.released)

    @property
    def owed(self) -> int:
        """What is still to be called off to keep the agreement; the tolerance is no duty."""
        return max(0, self.agreed - self.released)


def judge_release(wanted: Mapping[int, int], standings: Mapping[int, Standing]) -> list[Problem]:
    """Return a problem for every line number that is unknown or would be called off beyond what is left.

    A release without problems leaves every line within its ceiling.
    """
    problems = []
    for row, (line_number, quantity) in enumerate(wanted.items(), start=1):
        standing = standings.get(line_number)
        if standing is None:
            code, message = "unknown_line", f"the blanket order has no line {line_number}"
            remedy = "Name a line of the blanket order."
        elif quantity > standing.left:
            code = "beyond_blanket"
            message = f"{quantity} of {standing.sku} is more than the {standing.left} left"
            remedy = f"Call off at most {standing.left} base units."
        else:
            continue
        problems.append(Problem(code, message, row=row, field="quantity", remedy=remedy))
    return problems
