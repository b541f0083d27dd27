"""Share a scarce quantity by a declared rule: exact entitlements as integers over one denominator, then whole units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Final, NamedTuple

from b2b.core.errors import DomainError


class UnknownPolicy(DomainError):
    """There is no such sharing policy."""

    code = "unknown_sharing_policy"
    status = 422


class Claim(NamedTuple):
    """A request for base units.

    `weight` is the claimant's past usage, `tier` its priority (1 first), `rank` its place in the queue, `pack` the
    units it takes together, `held` what it has already and keeps. With `all_or_nothing` it takes its whole request or
    nothing. `owed` is what rounding owes the claimant from before, in billionths of a base unit.
    """

    requested: int
    weight: int = 0
    tier: int = 1
    rank: int = 0
    pack: int = 1
    held: int = 0
    all_or_nothing: bool = False
    owed: int = 0


class Entitled(NamedTuple):
    """Exact entitlements: `numerators` over one `denominator`, in base units; `total` is their sum."""

    numerators: list[int]
    denominator: int
    total: int

    def exact(self, index: int) -> Fraction:
        """Return one entitlement as a fraction."""
        return Fraction(self.numerators[index], self.denominator)


# Ratios of integers below 2**64 differ by more than 2**-128, so their order survives this scaling.
_SCALE: Final = 128


def _proportional(supply: int, claims: Sequence[Claim]) -> Entitled:
    wanted = sum(claim.requested for claim in claims)
    return Entitled([supply * claim.requested for claim in claims], max(1, wanted), supply)


def _fill(supply: int, claims: Sequence[Claim], weights: Sequence[int]) -> Entitled:
    """Split by weights, nobody above its request; what a full one leaves goes to the others, at last to weight 0."""
    active = [i for i, claim in enumerate(claims) if weights[i] and claim.requested]
    active.sort(key=lambda i: (claims[i].requested << _SCALE) // weights[i])
    left, whole, full = supply, sum(weights[i] for i in active), 0
    while full < len(active):
        claim, weight = claims[active[full]], weights[active[full]]
        if claim.requested * whole > left * weight:
            break
        left, whole, full = left - claim.requested, whole - weight, full + 1
    if full == len(active):
        return _with_idle(supply, left, claims, weights)
    numerators = [0] * len(claims)
    for i in active[:full]:
        numerators[i] = claims[i].requested * whole
    for i in active[full:]:
        numerators[i] = left * weights[i]
    return Entitled(numerators, whole, supply)


def _with_idle(supply: int, left: int, claims: Sequence[Claim], weights: Sequence[int]) -> Entitled:
    """Give everybody of a weight its request, and the rest to those without by request."""
    idle = max(1, sum(claim.requested for claim, weight in zip(claims, weights, strict=True) if not weight))
    numerators = [
        claim.requested * (idle if weight else left) for claim, weight in zip(claims, weights, strict=True)
    ]
    return Entitled(numerators, idle, supply)


def _equal(supply: int, claims: Sequence[Claim]) -> Entitled:
    return _fill(supply, claims, [1] * len(claims))


def _usage(supply: int, claims: Sequence[Claim]) -> Entitled:
    return _fill(supply, claims, [claim.weight for claim in claims])


def _first_come(supply: int, claims: Sequence[Claim]) -> Entitled:
    numerators, left = [0] * len(claims), supply
    for i in sorted(range(len(claims)), key=lambda i: claims[i].rank):
        numerators[i] = min(claims[i].requested, left)
        left -= numerators[i]
    return Entitled(numerators, 1, supply)


def _priority(supply: int, claims: Sequence[Claim]) -> Entitled:
    """Fill the tiers in turn; the one that supply does not fill shares what is left by request."""
    whole, left, scarce = [0] * len(claims), supply, Entitled([], 1, 0)
    members: list[int] = []
    ordered = sorted(range(len(claims)), key=lambda i: claims[i].tier)
    for _, tier in groupby(ordered, key=lambda i: claims[i].tier):
        members = list(tier)
        wanted = sum(claims[i].requested for i in members)
        if wanted > left:
            scarce = _proportional(left, [claims[i] for i in members])
            break
        left -= wanted
        for i in members:
            whole[i] = claims[i].requested
    numerators = [quantity * scarce.denominator for quantity in whole]
    for i, numerator in zip(members, scarce.numerators, strict=False):
        numerators[i] = numerator
    return Entitled(numerators, scarce.denominator, supply)


def _all_or_nothing(supply: int, claims: Sequence[Claim]) -> Entitled:
    """Serve whole requests, by tier and then by the queue; one that does not fit lets the later ones through."""
    numerators, left = [0] * len(claims), supply
    for i in sorted(range(len(claims)), key=lambda i: (claims[i].tier, claims[i].rank)):
        if claims[i].requested <= left:
            numerators[i] = claims[i].requested
            left -= claims[i].requested
    return Entitled(numerators, 1, supply - left)


POLICIES: Final[dict[str, Callable[[int, Sequence[Claim]], Entitled]]] = {
    "proportional": _proportional,
    "equal": _equal,
    "priority": _priority,
    "first_come": _first_come,
    "usage": _usage,
    "all_or_nothing": _all_or_nothing,
}


def entitle(supply: int, claims: Sequence[Claim], policy: str) -> Entitled:
    """Return what each claim is entitled to of `supply` base units by a declared policy.

    Promise: entitlements are exact, none exceeds its request, and they sum to min(supply, all requests); under
    `all_or_nothing` to no more than that. More supply never lowers one, but for `all_or_nothing`. Except by their
    ranks, which are unique, the order of the claims does not matter.

    :raises UnknownPolicy: for a policy that is not declared. :raises ValueError: for a negative quantity.
    """
    if policy not in POLICIES:
        raise UnknownPolicy(f"{policy} is none of {', '.join(POLICIES)}", policy=policy)
    if supply < 0 or any(min(claim[:2]) < 0 or claim.pack < 1 for claim in claims):
        raise ValueError("supply, requests and weights are not negative; a pack holds at least one unit")
    wanted = sum(claim.requested for claim in claims)
    if supply >= wanted:
        return Entitled([claim.requested for claim in claims], 1, wanted)
    return POLICIES[policy](supply, claims)
