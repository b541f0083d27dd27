"""Acceptance sampling by attributes: single plans, normal, tightened and reduced (ISO 2859-1:1999, 9.3, 10, 11).

The master tables are regular: along a diagonal of code letter and AQL the acceptance number stays the same, so that
they are kept as one diagonal each (tables 1, 2-A, 2-B and 2-C).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

LETTERS: Final = "ABCDEFGHJKLMNPQR"
SIZES: Final = (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000)
_DECADES: Final = "0.010 0.015 0.025 0.040 0.065 0.10 0.15 0.25 0.40 0.65 1.0 1.5 2.5 4.0 6.5 10 15 25 40 65"
AQLS: Final = tuple(map(Decimal, f"{_DECADES} 100 150 250 400 650 1000".split()))
LEVELS: Final = ("S-1", "S-2", "S-3", "S-4", "I", "II", "III")
# Table 1: the largest lot of a row, and the letters of the levels in the order above.
LOTS: Final = (8, 15, 25, 50, 90, 150, 280, 500, 1_200, 3_200, 10_000, 35_000, 150_000, 500_000)
LETTER_OF: Final = (
    "AAAAAAB", "AAAAABC", "AABBBCD", "ABBCCDE", "BBCCCEF", "BBCDDFG", "BCDEEGH", "BCDEFHJ", "CCEFGJK",
    "CDEGHKL", "CDFGJLM", "CDFHKMN", "DEGJLNP", "DEGJMPQ", "DEHKNQR",
)  # fmt: skip
ENOUGH: Final = 30  # the switching score that lets inspection be reduced
LAST_LARGE: Final = LETTERS.index("E")  # acceptance numbers beyond the tenth step exist for A to E alone


class Severity(StrEnum):
    """How strictly the lots of a supplier are judged now."""

    NORMAL = "NORMAL"
    REDUCED = "REDUCED"
    TIGHTENED = "TIGHTENED"
    DISCONTINUED = "DISCONTINUED"


# Steps along the diagonal: an acceptance number, or the way (+1 down, -1 up the table) to the plan used instead.
_UP, _DOWN = -1, 1
_STEPS: Final = {
    Severity.NORMAL: (14, (0, "up", "down", 1, 2, 3, 5, 7, 10, 14, 21, 30, 44)),
    Severity.TIGHTENED: (15, (0, "down", "down", 1, 2, 3, 5, 8, 12, 18, 27, 41)),
    Severity.REDUCED: (14, (0, "up", "down", "down", 1, 2, 3, 5, 6, 8, 10, 14, 21)),
}
# The largest acceptance number of samples beyond E, whose samples of more are those of a smaller letter.
_MOST: Final = {Severity.NORMAL: 21, Severity.TIGHTENED: 18, Severity.REDUCED: 10}
# Reduced samples of A and B are both of two items, so that their rows are one from AQL 25 on.
REDUCED_SIZES: Final = (2, 2, 2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800)
_PAIRS: Final = dict(zip(AQLS[17:], (1, 2, 3, 5, 7, 10, 14, 21, 30), strict=True))


@dataclass(frozen=True, slots=True)
class Plan:
    """Draw `sample_size` items at random; accept the lot with at most `accept` nonconforming, reject from `reject`."""

    letter: str
    sample_size: int
    accept: int
    reject: int

    def accepts(self, nonconforming: int) -> bool:
        """Tell whether a sample with so many nonconforming items lets the lot pass."""
        return nonconforming <= self.accept


def code_letter(lot_size: int, level: str = "II") -> str:
    """Return the sample size code letter of a lot (table 1).

    :raises ValueError: for a lot of nothing or an unknown level.
    """
    if lot_size < 1:
        raise ValueError("a lot holds something")
    return LETTER_OF[bisect_left(LOTS, lot_size)][LEVELS.index(level)]


def plan(lot_size: int, aql: Decimal, *, level: str = "II", severity: Severity = Severity.NORMAL) -> Plan:
    """Return the single sampling plan of a lot; arrows of the tables are followed, a sample is never above the lot.

    Promise: `reject` is `accept` + 1; a larger lot never has a smaller sample or a smaller acceptance number; tightened
    inspection never accepts what normal inspection would not.

    :raises ValueError: for a lot of nothing, an unknown level or an AQL that is not in the series.
    """
    column = AQLS.index(aql)
    letter = LETTERS.index(code_letter(lot_size, level))
    way = 0
    while True:
        step = _step(severity, column, letter)
        if isinstance(step, int):
            break
        way = way or (_UP if step == "up" else _DOWN)
        if not 0 <= letter + way < len(LETTERS):
            way = -way  # at the edge of the table there is one way only
        letter += way
    size = min((REDUCED_SIZES if severity is Severity.REDUCED else SIZES)[letter], lot_size)
    return Plan(LETTERS[letter], size, step, step + 1)


def _step(severity: Severity, column: int, letter: int) -> int | str:
    origin, steps = _STEPS[severity]
    if severity is Severity.REDUCED and letter < 2 and AQLS[column] in _PAIRS:
        return _PAIRS[AQLS[column]]
    place = letter + column - origin
    if place < 0 or (severity, place, letter) == (Severity.TIGHTENED, 0, 0):
        return "down"  # tightened, no sample of two decides by itself
    if place >= len(steps) or (letter > LAST_LARGE and place > steps.index(_MOST[severity])):
        return "up"
    return steps[place]


class Judged(NamedTuple):
    """How one lot fared at its first inspection, and what that adds to the switching score (`points`)."""

    passed: bool
    points: int = 2


def points(lot_size: int, aql: Decimal, *, level: str, accept: int, nonconforming: int) -> int:
    """Return what a lot accepted under normal inspection adds to the switching score (9.3.3.2); 0 resets it.

    Three when the lot would have passed at an AQL one step tighter; two where the acceptance number is 0 or 1.
    """
    if accept < 2:
        return 2 if nonconforming <= accept else 0
    tighter = plan(lot_size, AQLS[AQLS.index(aql) - 1], level=level)
    return 3 if nonconforming <= tighter.accept else 0


def severity_after(
    lots: Iterable[Judged], *, start: Severity = Severity.NORMAL, may_reduce: bool = False
) -> Severity:
    """Return how the next lot is inspected, given how the earlier ones fared, from `start` on (9.3).

    Two of five or fewer consecutive lots refused: tightened. Five consecutive ones passed there: normal again. Five
    refused in all while tightened: inspection is discontinued until the supplier has mended its ways. A switching score
    of thirty: reduced, while somebody vouches for steady production (`may_reduce`); one lot refused there, or nobody
    vouching any more: normal again.

    Promise: without `may_reduce` nothing is reduced.
    """
    now, recent, refused, score = start, deque[bool](maxlen=5), 0, 0
    if now is Severity.REDUCED and not may_reduce:
        now = Severity.NORMAL
    for lot in lots:
        if now is Severity.DISCONTINUED:
            break
        if now is Severity.REDUCED:
            if not lot.passed:
                now, score = Severity.NORMAL, 0
                recent.clear()
            continue
        recent.append(lot.passed)
        if now is Severity.NORMAL:
            score = score + lot.points if lot.passed and lot.points else 0
            if recent.count(False) >= 2:
                now, refused = Severity.TIGHTENED, 0
                recent.clear()
            elif may_reduce and score >= ENOUGH:
                now = Severity.REDUCED
            continue
        refused += not lot.passed
        if refused >= 5:
            now = Severity.DISCONTINUED
        elif len(recent) == 5 and all(recent):
            now, score = Severity.NORMAL, 0
            recent.clear()
    return now
