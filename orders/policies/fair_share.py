"""Share a scarce quantity by a declared rule, exactly and explainably."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Final

from b2b.core.errors import DomainError


class UnknownPolicy(DomainError):
    """There is no such sharing policy."""

    code = "unknown_sharing_policy"
    status = 422


@dataclass(frozen=True, slots=True)
class Claim:
    """A request for base units.

    `weight` is the claimant's past usage, `tier` its priority (1 first), `rank` its place in the queue, `pack` the
    units it takes together, `carry` what rounding owes it from before.
    """

    requested: int
    weight: int = 0
    tier: int = 1
    rank: int = 0
    pack: int = 1
    carry: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Share:
    """The exact entitlement and the whole units allotted."""

    entitlement: Fraction
    quantity: int


def _fill(supply: Fraction, requests: Sequence[int], weights: Sequence[int]) -> list[Fraction]:
    """Split `supply` by weights, nobody above its request; what a full one leaves goes to the others."""
    shares = [Fraction(0)] * len(requests)
    active = [i for i in range(len(requests)) if weights[i] > 0 and requests[i] > 0]
    active.sort(key=lambda i: Fraction(requests[i], weights[i]))
    whole = sum(weights[i] for i in active)
    left = supply
    for i in active:
        shares[i] = min(Fraction(requests[i]), left * weights[i] / whole)
        left -= shares[i]
        whole -= weights[i]
    idle = [i for i in range(len(requests)) if weights[i] == 0 and requests[i] > 0]
    if left and idle:
        rest = _fill(left, [requests[i] for i in idle], [requests[i] for i in idle])
        for i, share in zip(idle, rest, strict=True):
            shares[i] = share
    return shares


def _proportional(supply: int, claims: Sequence[Claim]) -> list[Fraction]:
    return _fill(Fraction(supply), [c.requested for c in claims], [c.requested for c in claims])


def _equal(supply: int, claims: Sequence[Claim]) -> list[Fraction]:
    return _fill(Fraction(supply), [c.requested for c in claims], [1] * len(claims))


def _usage(supply: int, claims: Sequence[Claim]) -> list[Fraction]:
    return _fill(Fraction(supply), [c.requested for c in claims], [c.weight for c in claims])


def _first_come(supply: int, claims: Sequence[Claim]) -> list[Fraction]:
    shares = [Fraction(0)] * len(claims)
    for i in sorted(range(len(claims)), key=lambda i: (claims[i].rank, i)):
        shares[i] = Fraction(min(claims[i].requested, supply))
        supply -= int(shares[i])
    return shares


def _priority(supply: int, claims: Sequence[Claim]) -> list[Fraction]:
    shares = [Fraction(0)] * len(claims)
    ordered = sorted(range(len(claims)), key=lambda i: (claims[i].tier, i))
    for _, members in groupby(ordered, key=lambda i: claims[i].tier):
        tier = list(members)
        given = _proportional(supply, [claims[i] for i in tier])
        for i, share in zip(tier, given, strict=True):
            shares[i] = share
        supply -= int(sum(given))
    return shares


POLICIES: Final[dict[str, Callable[[int, Sequence[Claim]], list[Fraction]]]] = {
    "proportional": _proportional,
    "equal": _equal,
    "priority": _priority,
    "first_come": _first_come,
    "usage": _usage,
}


def _round(supply: int, claims: Sequence[Claim], exact: Sequence[Fraction]) -> list[int]:
    given = [int(share // claim.pack) * claim.pack for share, claim in zip(exact, claims, strict=True)]
    left = supply - sum(given)

    def by_remainder(i: int) -> tuple[Fraction, Fraction, int]:
        return (-(exact[i] - given[i]) / claims[i].pack, -claims[i].carry, i)

    for i in sorted(range(len(claims)), key=by_remainder):
        claim = claims[i]
        if given[i] < exact[i] and claim.pack <= min(left, claim.requested - given[i]):
            given[i] += claim.pack
            left -= claim.pack
    # What fills no pack is not withheld: whoever is furthest from its share breaks one.
    for i in sorted(range(len(claims)), key=by_remainder):
        loose = min(left, claims[i].requested - given[i])
        given[i] += loose
        left -= loose
    return given


def share(supply: int, claims: Sequence[Claim], policy: str = "proportional") -> list[Share]:
    """Share `supply` base units over the claims.

    Promise: the parts sum to min(supply, all requests); nobody gets more than it requested; at most one claimant
    is given a broken pack unless its request is not a whole number of packs. Method: largest remainder (Hamilton) in
    each claimant's pack; equal remainders go to whom rounding owes more, then to the earlier claim.

    :raises UnknownPolicy: for a policy that is not declared. :raises ValueError: for a negative quantity.
    """
    if supply < 0 or any(claim.requested < 0 or claim.weight < 0 or claim.pack < 1 for claim in claims):
        raise ValueError("supply, requests and weights are not negative; a pack holds at least one unit")
    if policy not in POLICIES:
        raise UnknownPolicy(f"{policy} is none of {', '.join(POLICIES)}", policy=policy)
    available = min(supply, sum(claim.requested for claim in claims))
    exact = POLICIES[policy](available, claims)
    rounded = _round(available, claims, exact)
    return [Share(entitlement, quantity) for entitlement, quantity in zip(exact, rounded, strict=True)]
