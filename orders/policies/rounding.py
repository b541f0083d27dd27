"""Whole packs for exact entitlements, so that rounding evens out over the cycles."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from math import lcm
from typing import Final, NamedTuple

from orders.policies.fair_share import Claim, Entitled, entitle

NANO: Final = 10**9
_MASK: Final = 2**64 - 1


class Share(NamedTuple):
    """What a claim is entitled to, `numerator` / `denominator` base units, and the whole units allotted.

    `owed` is what rounding owes the claimant afterwards, in billionths. `is_forgone`: it asked for all or nothing and
    all was not to be had; it is owed nothing for that.
    """

    numerator: int
    denominator: int
    quantity: int
    owed: int
    is_forgone: bool = False


def share(
    supply: int, claims: Sequence[Claim], policy: str = "proportional", *, seed: int = 0
) -> list[Share]:
    """Share `supply` base units over the claims.

    Promise: the parts sum to min(supply, all requests) unless whole requests are asked for; nobody gets more than it
    requested or less than it holds; at most one claimant breaks a pack, and what fills none is not withheld. A pack
    never goes to somebody while another is owed more than a pack more. The order of the claims does not matter.
    Method: largest remainder (Hamilton) in each claimant's pack, of the entitlement and what is owed from before;
    ties by the seed.

    Claims for all or nothing that would get less than their request get nothing, and the others share anew.

    :raises UnknownPolicy: for a policy that is not declared. :raises ValueError: for a negative quantity.
    """
    active = list(range(len(claims)))
    found: list[Share | None] = [None] * len(claims)
    while True:
        taking = [claims[i] for i in active]
        entitled = entitle(supply, taking, policy)
        given = in_packs(entitled, taking, seed=seed)
        short = {
            i
            for i, quantity in zip(active, given, strict=True)
            if claims[i].all_or_nothing and claims[i].held == 0 and quantity < claims[i].requested
        }
        for position, i in enumerate(active):
            if i in short:
                numerator = entitled.numerators[position]
                found[i] = Share(numerator, entitled.denominator, 0, claims[i].owed, is_forgone=True)
        if not short:
            break
        active = [i for i in active if i not in short]
    whole = entitled.denominator
    for i, quantity, numerator, billionths in zip(
        active, given, entitled.numerators, _billionths(entitled), strict=True
    ):
        owed = claims[i].owed + billionths - quantity * NANO
        found[i] = Share(numerator, whole, quantity, owed)
    return [one for one in found if one is not None]


def in_packs(entitled: Entitled, claims: Sequence[Claim], *, seed: int) -> list[int]:
    """Return whole units for entitlements; see `share`.

    Who is entitled to its whole request, or to nothing, is not rounded: what is owed never breaks a declared order,
    unless somebody holds more than its share already.
    """
    low, high = _bounds(entitled, claims)
    unit = entitled.denominator * NANO
    common = lcm(*{claim.pack for claim in claims})
    targets, given, open_ = [], [], []
    for i, (claim, numerator) in enumerate(zip(claims, entitled.numerators, strict=True)):
        target = numerator * NANO + claim.owed * entitled.denominator
        targets.append(target)
        if low[i] < high[i]:
            open_.append(i)
            given.append(min(high[i], max(low[i], target // (unit * claim.pack) * claim.pack)))
        else:
            given.append(low[i])
    left = entitled.total - sum(given)

    def behind(i: int) -> int:
        """How far a claim is behind what it should have, in packs over a denominator all claims share."""
        return (targets[i] - given[i] * unit) * (common // claims[i].pack)

    if left < 0:
        left = _take_back(left, given, [(behind(i), -_tie(seed, claims[i].rank), i) for i in open_],
                          low, claims, behind)  # fmt: skip
    if left > 0:
        _hand_out(
            left, given, [(-behind(i), _tie(seed, claims[i].rank), i) for i in open_], high, claims, behind
        )
    return given


def _bounds(entitled: Entitled, claims: Sequence[Claim]) -> tuple[list[int], list[int]]:
    low, high = [], []
    for numerator, claim in zip(entitled.numerators, claims, strict=True):
        is_full = numerator == claim.requested * entitled.denominator
        low.append(claim.requested if is_full else claim.held)
        high.append(claim.requested if numerator else claim.held)
    if sum(low) > entitled.total:
        return [claim.held for claim in claims], [claim.requested for claim in claims]
    return low, high


def _take_back(
    left: int,
    given: list[int],
    heap: list[tuple[int, int, int]],
    low: Sequence[int],
    claims: Sequence[Claim],
    behind: Callable[[int], int],
) -> int:
    """Take packs from who is furthest ahead until nothing is overspent; return what is left then."""
    heapq.heapify(heap)
    while left < 0:
        _, tie, i = heapq.heappop(heap)
        step = min((given[i] - 1) % claims[i].pack + 1, given[i] - low[i])
        given[i] -= step
        left += step
        if given[i] > low[i]:
            heapq.heappush(heap, (behind(i), tie, i))
    return left


def _hand_out(
    left: int,
    given: list[int],
    heap: list[tuple[int, int, int]],
    high: Sequence[int],
    claims: Sequence[Claim],
    behind: Callable[[int], int],
) -> None:
    """Give packs to who is furthest behind; for what fills no pack of anybody behind, the furthest breaks one."""
    heapq.heapify(heap)
    passed = []
    while left and heap:
        place = heapq.heappop(heap)
        ahead, tie, i = place
        step = min(claims[i].pack - given[i] % claims[i].pack, high[i] - given[i])
        if step > left:
            passed.append(place)
        elif ahead >= 0 and passed and passed[0][0] < 0:
            break
        elif step:
            given[i] += step
            left -= step
            heapq.heappush(heap, (-behind(i), tie, i))
    if left:
        given[passed[0][2]] += left


def _billionths(entitled: Entitled) -> list[int]:
    """Return the entitlements in billionths of a base unit; they sum to the whole exactly."""
    found, so_far, reached = [], 0, 0
    for numerator in entitled.numerators:
        so_far += numerator
        now = so_far * NANO // entitled.denominator
        found.append(now - reached)
        reached = now
    return found


def _tie(seed: int, rank: int) -> int:
    """Return where a seed puts a rank among equals; splitmix64 (Steele, Lea, Flood, OOPSLA 2014)."""
    mixed = (seed + (rank + 1) * 0x9E3779B97F4A7C15) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return mixed ^ (mixed >> 31)
