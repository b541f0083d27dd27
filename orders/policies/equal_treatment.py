"""Whether those who asked for the same got the same, up to rounding and what rounding owed them before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from orders.policies.rounding import NANO
from orders.policies.sharing_run import Inputs, Outcome, Peg

# What a policy looks at: claims alike in these are equal. A queue has no equals but those of one rank.
ALIKE: Final[dict[str, tuple[str, ...]]] = {
    "proportional": ("requested",),
    "equal": ("requested",),
    "usage": ("requested", "weight"),
    "priority": ("requested", "tier"),
    "first_come": ("requested", "rank"),
    "all_or_nothing": ("requested", "rank", "tier"),
}
SAME: Final = "same"
ROUNDING: Final = "rounding"
CARRY: Final = "rounding and carry"
HELD: Final = "received before"
UNEQUAL: Final = "unequal"


class Group(NamedTuple):
    """Equal requests for one supply: how many, their entitlement, the least and most they got, and why these differ.

    `verdict` is `unequal` when nothing declared explains the difference.
    """

    supply: int
    requested: int
    claims: int
    entitlement: Fraction
    least: int
    most: int
    verdict: str

    @property
    def is_equal(self) -> bool:
        """Whether the difference, if any, has a declared cause."""
        return self.verdict != UNEQUAL


def compare(inputs: Inputs, outcomes: Iterable[Outcome]) -> list[Group]:
    """Return a group for every two or more equal requests of a sharing, in the order of supplies and requests.

    Promise: outcomes of `sharing_run.run` of the same inputs are never unequal.
    """
    by_key = {one.key: one for one in outcomes}
    groups = []
    for supply in inputs.supplies:
        alike: dict[tuple[object, ...], list[Peg]] = {}
        for peg in supply.pegs:
            kind = tuple(getattr(peg, name) for name in (*ALIKE[inputs.policy], "pack", "all_or_nothing"))
            alike.setdefault(kind, []).append(peg)
        groups += [
            _group(supply.key, pegs, [by_key[peg.key] for peg in pegs])
            for _, pegs in sorted(alike.items())
            if len(pegs) > 1
        ]
    return groups


def _group(supply: int, pegs: Sequence[Peg], got: Sequence[Outcome]) -> Group:
    taking = [one for one in got if not one.is_forgone] or got
    entitlements = {Fraction(one.numerator, one.denominator) for one in taking}
    given = [one.quantity for one in taking]
    verdict = _verdict(pegs, taking) if len(entitlements) == 1 else UNEQUAL
    return Group(supply, pegs[0].requested, len(pegs), min(entitlements), min(given), max(given), verdict)


def _verdict(pegs: Sequence[Peg], got: Sequence[Outcome]) -> str:
    spread = max(one.quantity for one in got) - min(one.quantity for one in got)
    if not spread:
        return SAME
    if len({peg.held for peg in pegs}) > 1:
        return HELD
    if spread <= pegs[0].pack:
        return ROUNDING
    debts = [one.owed_before for one in got]
    # A pack for rounding, one for a pack that is broken, and what was owed.
    return CARRY if spread <= 2 * pegs[0].pack + -(-(max(debts) - min(debts)) // NANO) else UNEQUAL
