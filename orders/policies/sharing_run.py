"""A whole sharing as a pure function of its inputs, which pack into a few bytes a peg and can be replayed."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any, Final, NamedTuple

from orders.policies.fair_share import Claim
from orders.policies.rounding import share

FORMAT: Final = 1
_SEED_MASK: Final = 2**63 - 1


class Peg(NamedTuple):
    """What one order line asks of a supply, in base units; the members are those of a `Claim`."""

    key: int
    dealer_id: int
    requested: int
    weight: int
    tier: int
    rank: int
    pack: int
    held: int
    all_or_nothing: bool


class Supply(NamedTuple):
    """What there is of one thing, and the pegs that want it; `group` is the product group rounding is carried in.

    `number` is its own in the document: ties of one number fall alike in every run.
    """

    key: int
    number: int
    group: str
    quantity: int
    pegs: Sequence[Peg]


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that decides a sharing; `owed` by dealer and group is in billionths of a base unit."""

    document: str
    version: int
    policy: str
    policy_hash: str
    seed: int
    supplies: Sequence[Supply]
    owed: Mapping[tuple[int, str], int]


class Outcome(NamedTuple):
    """What a peg was entitled to (a fraction), got, and what rounding owed its dealer before and after."""

    key: int
    dealer_id: int
    group: str
    requested: int
    numerator: int
    denominator: int
    quantity: int
    rank: int
    tier: int
    owed_before: int
    owed_after: int
    is_forgone: bool


def seed_of(document: str, policy_hash: str) -> int:
    """Return the seed of ties: of the purchase order and the sealed policy, so that nobody chooses it."""
    digest = hashlib.sha256(f"{document}:{policy_hash}".encode()).digest()
    return int.from_bytes(digest[:8]) & _SEED_MASK


def run(inputs: Inputs) -> list[Outcome]:
    """Share every supply over its pegs, in order; what rounding owes a dealer goes from one supply to the next.

    Promise: the same inputs give the same outcomes; each supply is shared as `rounding.share` promises; what rounding
    owes sums to what it was.
    """
    owed = dict(inputs.owed)
    outcomes = []
    for supply in inputs.supplies:
        outcomes += _share(supply, inputs.policy, inputs.seed + supply.number, owed)
    return outcomes


def _share(supply: Supply, policy: str, seed: int, owed: dict[tuple[int, str], int]) -> list[Outcome]:
    """Share one supply; a dealer's first peg carries what the dealer is owed."""
    pegs = sorted(supply.pegs, key=lambda peg: peg.rank)
    carried = []
    seen: set[int] = set()
    for peg in pegs:
        carried.append(0 if peg.dealer_id in seen else owed.get((peg.dealer_id, supply.group), 0))
        seen.add(peg.dealer_id)
    group, make = supply.group, Outcome._make
    # What follows the dealer in a peg is a claim but for what is owed. Tuples are taken apart, not asked by name: half
    # the time over a hundred thousand pegs.
    claims = [Claim._make((*peg[2:], carry)) for peg, carry in zip(pegs, carried, strict=True)]
    outcomes = []
    for (key, dealer_id, requested, _, tier, rank, *_), carry, given in zip(
        pegs, carried, share(supply.quantity, claims, policy, seed=seed), strict=True
    ):
        numerator, denominator, quantity, after, is_forgone = given
        if after != carry:
            place = (dealer_id, group)
            owed[place] = owed.get(place, 0) + after - carry
        common = gcd(numerator, denominator)
        exact = (numerator // common, denominator // common)
        came = (quantity, rank, tier, carry, after, is_forgone)
        outcomes.append(make((key, dealer_id, group, requested, *exact, *came)))
    return outcomes


def changes(outcomes: Iterable[Outcome]) -> dict[tuple[int, str], int]:
    """Return by how much a sharing changes what rounding owes, by dealer and group, without zeros; they sum to zero."""
    found: dict[tuple[int, str], int] = {}
    for one in outcomes:
        if one.owed_after != one.owed_before:
            place = (one.dealer_id, one.group)
            found[place] = found.get(place, 0) + one.owed_after - one.owed_before
    return {place: change for place, change in sorted(found.items()) if change}


def pack(inputs: Inputs) -> tuple[bytes, str]:
    """Return the inputs in columns, compressed, and the SHA-256 of what was compressed."""
    pegs = [peg for supply in inputs.supplies for peg in supply.pegs]
    body = {
        "format": FORMAT,
        "document": inputs.document,
        "version": inputs.version,
        "policy": inputs.policy,
        "policy_hash": inputs.policy_hash,
        "seed": inputs.seed,
        "owed": [[dealer, group, owed] for (dealer, group), owed in sorted(inputs.owed.items())],
        "supplies": [
            [one.key, one.number, one.group, one.quantity, len(one.pegs)] for one in inputs.supplies
        ],
        "pegs": list(zip(*pegs, strict=True)),
    }
    plain = _canonical(body)
    return zlib.compress(plain, 1), hashlib.sha256(plain).hexdigest()


def unpack(packed: bytes) -> Inputs:
    """Read inputs back. :raises ValueError: when they are of another format."""
    body = json.loads(zlib.decompress(packed))
    if body["format"] != FORMAT:
        raise ValueError(f"inputs of format {body['format']} cannot be replayed")
    pegs = map(Peg._make, zip(*body["pegs"], strict=True))
    supplies = [
        Supply(key, number, group, quantity, [next(pegs) for _ in range(count)])
        for key, number, group, quantity, count in body["supplies"]
    ]
    return Inputs(
        document=body["document"],
        version=body["version"],
        policy=body["policy"],
        policy_hash=body["policy_hash"],
        seed=body["seed"],
        supplies=supplies,
        owed={(dealer, group): owed for dealer, group, owed in body["owed"]},
    )


def result_hash(outcomes: Sequence[Outcome]) -> str:
    """Return the SHA-256 of outcomes."""
    return hashlib.sha256(_canonical(list(zip(*outcomes, strict=True)))).hexdigest()


def _canonical(body: Any) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
