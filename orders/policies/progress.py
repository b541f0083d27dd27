"""How full a pool is, told in steps so coarse that nobody's quantity can be read from them.

Three things keep a rival's quantity secret. A dealer is told about the *others* only, so that what it sees does not
depend on what it orders. It is told at declared moments, not after each change. And the steps are moved by a secret
part of a step, so that even dealers who work together, and know all but one quantity, learn that one to within a step.
There is no hysteresis on purpose: a state that one's own orders can move would be a finer ruler than the steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from orders.policies.pricing import Break, choose, following

REACHED = "reached"
POSSIBLE = "possible"
NOT_YET = "not_yet"
LEAST_STEP = 10  # base units


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What a cycle declares to tell: from how many dealers on, how often, in how many parts of the way to a break.

    `least_step` is the narrowest step, in base units.
    """

    fewest_dealers: int = 3
    every_minutes: int = 60
    parts: int = 4
    least_step: int = LEAST_STEP

    def __post_init__(self) -> None:
        """Refuse what would tell on somebody.

        :raises ValueError: for fewer than two dealers, no time between two moments, or steps of nothing.
        """
        if self.fewest_dealers < 2 or min(self.every_minutes, self.parts, self.least_step) < 1:
            raise ValueError(
                "progress is told of two dealers or more, after a minute or more, in steps of one or more"
            )


@dataclass(frozen=True, slots=True)
class Step:
    """A quantity is at least `at_least` and, unless that is the last step, below `below`; base units."""

    at_least: int
    below: int | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a dealer may expect of a pool: the price that is sure, and at most how many units the next one lacks."""

    unit_price: Decimal | None
    next_unit_price: Decimal | None
    units_to_next: int | None
    percent_of_next: int | None


def edges(marks: Iterable[int], told: Disclosure) -> tuple[int, ...]:
    """Return where steps begin: each way from one mark (a minimum, a break) to the next in equal parts.

    Promise: they ascend, and no two of them, nor the first and zero, are closer than `least_step`.
    """
    found: list[int] = []
    low = 0
    for high in sorted(set(marks)):
        if high - low < told.least_step:
            continue
        parts = min(told.parts, (high - low) // told.least_step)
        found += [low + (high - low) * part // parts for part in range(1, parts + 1)]
        low = high
    return tuple(found)


def apart(breaks: Iterable[Break], least_step: int = LEAST_STEP) -> tuple[Break, ...]:
    """Return the breaks, lowest first, without those closer than `least_step` to the one before.

    Promise: which of them a pool has reached tells its quantity to within `least_step` at best.
    """
    kept: list[Break] = []
    for step in breaks:
        if not kept or step.min_quantity - kept[-1].min_quantity >= least_step:
            kept.append(step)
    return tuple(kept)


def width(steps: Sequence[int]) -> int:
    """Return the narrowest step, 1 without steps: a secret offset is below it."""
    return min((high - low for low, high in zip((0, *steps), steps, strict=False)), default=1)


def step_of(quantity: int, steps: Sequence[int], *, offset: int) -> Step:
    """Return the step a quantity lies in when all edges are moved up by a secret `offset` below `width(steps)`.

    Promise: the quantity is at least `at_least` and below `below`. (The database does the same with width_bucket.)
    """
    passed = sum(1 for edge in steps if edge + offset <= quantity)
    at_least = steps[passed - 1] if passed else 0
    return Step(at_least, steps[passed] + width(steps) if passed < len(steps) else None)


def outlook(step: Step, own: int, breaks: Sequence[Break]) -> Outlook:
    """Return what is sure for a dealer who adds `own` units to those of the others; it depends on nothing else."""
    sure = step.at_least + own
    held, ahead = choose(breaks, sure), following(breaks, sure)
    return Outlook(
        unit_price=held.unit_price if held else None,
        next_unit_price=ahead.unit_price if ahead else None,
        units_to_next=ahead.min_quantity - sure if ahead else None,
        percent_of_next=sure * 100 // ahead.min_quantity if ahead else None,
    )


def ceiling(step: Step, own: int, breaks: Sequence[Break], max_unit_price: Decimal) -> str:
    """Tell in a word whether a pool reaches a dealer's ceiling price: for sure, perhaps, or not yet."""
    sure = choose(breaks, step.at_least + own)
    if sure is not None and sure.unit_price <= max_unit_price:
        return REACHED
    most = None if step.below is None else step.below - 1 + own
    hoped = [one for one in breaks if most is None or one.min_quantity <= most]
    return POSSIBLE if any(one.unit_price <= max_unit_price for one in hoped) else NOT_YET
