"""What was taken at the door and what was not: nothing shipped is left unsaid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from b2b.core.errors import Invalid, Problem


class NotAccountedFor(Invalid):
    """Accepted and short quantities do not add up to what was shipped."""

    code = "not_accounted_for"


class NothingAccepted(Invalid):
    """Nothing was taken: that is a failed delivery, not a proof of one."""

    code = "nothing_accepted"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the person at the door said of one line; the quantity that is None follows from the other."""

    line_number: int
    accepted_quantity: int | None = None
    short_quantity: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken of a line and what was not; together they are what was shipped."""

    accepted_quantity: int
    short_quantity: int
    reason: str = ""


def settle(shipped: Mapping[int, int], outcomes: Sequence[Outcome]) -> dict[int, Taken]:
    """Return what became of each line; lines nobody spoke of were taken whole.

    For each line accepted plus short is exactly what was shipped. :raises NotAccountedFor: for a line that is not in
    the shipment or named twice, a quantity that is negative or above the shipped one, or two that do not add up.
    :raises NothingAccepted: when not one unit was taken.
    """
    taken = {number: Taken(quantity, 0) for number, quantity in shipped.items()}
    problems, named = [], set()
    for row, outcome in enumerate(outcomes):
        where, number = f"/lines/{row}", outcome.line_number
        if number not in shipped or number in named:
            told = "named twice" if number in named else "not in the shipment"
            problems.append(Problem("unknown_line", f"line {number} is {told}", f"{where}/line_number"))
            continue
        named.add(number)
        fault = _fault(shipped[number], outcome)
        if fault:
            problems.append(Problem("not_accounted_for", f"line {number}: {fault}", where))
            continue
        taken[number] = _taken(shipped[number], outcome)
    if problems:
        raise NotAccountedFor(problems=problems)
    if shipped and not any(line.accepted_quantity for line in taken.values()):
        raise NothingAccepted
    return taken


def _fault(shipped: int, outcome: Outcome) -> str:
    accepted, short = outcome.accepted_quantity, outcome.short_quantity
    for quantity in (accepted, short):
        if quantity is not None and not 0 <= quantity <= shipped:
            return f"{quantity} is not between 0 and the {shipped} shipped"
    if accepted is not None and short is not None and accepted + short != shipped:
        return f"{accepted} accepted and {short} short are not the {shipped} shipped"
    return ""


def _taken(shipped: int, outcome: Outcome) -> Taken:
    if outcome.accepted_quantity is not None:
        accepted = outcome.accepted_quantity
    else:
        accepted = shipped - (outcome.short_quantity or 0)
    return Taken(accepted, shipped - accepted, outcome.reason)
