"""In which order a repayment settles what is owed: a list of names, kept with the programme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from b2b.core.errors import Invalid

FEE: Final = "FEE"
PENALTY: Final = "PENALTY"
INTEREST: Final = "INTEREST"
PRINCIPAL: Final = "PRINCIPAL"
PARTS: Final = (FEE, PENALTY, INTEREST, PRINCIPAL)


@dataclass(frozen=True, slots=True)
class Poured:
    """What a repayment settled of each part, in minor units, and what was too much."""

    settled: Mapping[str, int]
    excess: int


def check(order: Sequence[str]) -> None:
    """Refuse an order that leaves a part out or names one twice.

    :raises Invalid: saying which parts there are.
    """
    if sorted(order) != sorted(PARTS):
        raise Invalid(f"a waterfall names each of {', '.join(PARTS)} once")


def pour(amount: int, owed: Mapping[str, int], order: Sequence[str]) -> Poured:
    """Settle what is owed part by part, in order, as far as `amount` minor units go.

    Promise: settled parts and excess sum to `amount`; a part is touched only once those before it are settled.
    """
    left, settled = amount, {}
    for part in order:
        settled[part] = min(left, max(0, owed.get(part, 0)))
        left -= settled[part]
    return Poured(settled, left)
