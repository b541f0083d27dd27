"""What a factory is told to make: netting over weeks, capacity, the commitment ladder, and quiet signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WHOLE_BP = 10_000


@dataclass(frozen=True, slots=True)
class Fences:
    """How binding a week is, by how many weeks it lies ahead, and how much a resend may change.

    Weeks before `firm_weeks` are firm, before `make_weeks` to be made, before `material_weeks` material is to be
    bought, the rest is an outlook (EDIFACT DELFOR SCC 1 to 4). What differs by at most `deadband_bp` of what was told
    stays as told; inside the fences a quantity moves by at most `change_bp` of it, beyond them freely.
    """

    firm_weeks: int = 2
    make_weeks: int = 4
    material_weeks: int = 8
    deadband_bp: int = 1_000
    change_bp: int = 5_000

    def commitment(self, week: int) -> str:
        """Return how binding the week is that lies so many weeks ahead."""
        if week < self.firm_weeks:
            return "FIRM"
        if week < self.make_weeks:
            return "MAKE"
        return "BUY_MATERIAL" if week < self.material_weeks else "FORECAST"


def calm(told: int, wanted: int, *, week: int, fences: Fences) -> int:
    """Return what to tell for a week that was told before: the nervousness budget.

    Promise: nothing is told anew within the deadband, and inside the fences the step from what was told is at most
    `change_bp` of it.
    """
    if abs(wanted - told) * WHOLE_BP <= told * fences.deadband_bp:
        return told
    if week >= fences.material_weeks or told == 0:
        return wanted
    step = told * fences.change_bp // WHOLE_BP
    return max(told - step, min(told + step, wanted))


def level(wanted: Sequence[int], capacity: Sequence[int] | None) -> list[int]:
    """Move what a week cannot make to earlier weeks that can, the rest of it to later ones.

    `capacity` is what each week can still make, null without a limit. Promise: the sum stays; no week but the last is
    above its capacity, and the last only when all are full.
    """
    planned = list(wanted)
    if capacity is None or not planned:
        return planned
    room = [max(0, one) for one in capacity]
    for week in range(len(planned) - 1, 0, -1):
        over = max(0, planned[week] - room[week])
        planned[week] -= over
        planned[week - 1] += over
    for week in range(len(planned) - 1):
        over = max(0, planned[week] - room[week])
        planned[week] -= over
        planned[week + 1] += over
    return planned


def split(quantity: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Share a quantity over keys by largest remainder; ties to the smaller key, all of it to the only key.

    Promise: the parts sum to the quantity, and each is within one of its exact share.
    """
    total = sum(weights.values())
    keys = sorted(weights)
    if total <= 0:
        weights, total = dict.fromkeys(keys, 1), len(keys)
    parts = {key: quantity * weights[key] // total for key in keys}
    rest = quantity - sum(parts.values())
    for key in sorted(keys, key=lambda key: (-(quantity * weights[key] % total), key))[:rest]:
        parts[key] += 1
    return parts


def bullwhip(orders: Sequence[int | float], demand: Sequence[int | float]) -> float:
    """Return the variance of what was ordered over that of what was wanted; 0 where demand did not vary.

    Chen, Drezner, Ryan and Simchi-Levi, "Quantifying the bullwhip effect" (Management Science, 2000).
    """
    varied = variance(demand)
    return variance(orders) / varied if varied else 0.0


def expected_bullwhip(lead_time: int, periods: int) -> float:
    """Return the ratio that order-up-to with a moving average of `periods` gives: 1 + 2L/p + 2L^2/p^2 (same paper)."""
    return 1 + 2 * lead_time / periods + 2 * lead_time**2 / periods**2


def variance(values: Sequence[int | float]) -> float:
    """Return the mean squared distance from the mean; 0 for nothing."""
    if not values:
        return 0.0
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / len(values)


def promise(supply: Sequence[int], promised: Sequence[int]) -> list[int]:
    """Return what may still be promised in each bucket (cumulative available to promise).

    A bucket may give what is there by then less all promises so far, and never what a later promise needs.
    """
    balance, running = [], 0
    for came, given in zip(supply, promised, strict=True):
        running += came - given
        balance.append(running)
    left = running
    found = [0] * len(balance)
    for index in range(len(balance) - 1, -1, -1):
        left = min(left, balance[index]) if index < len(balance) - 1 else balance[index]
        found[index] = max(0, left)
    return found


def weeks_from(first: date, many: int) -> list[date]:
    """Return so many Mondays from the first."""
    return [first + timedelta(weeks=index) for index in range(many)]
