"""What is claimed from a factory, and how its answer is split back over those who lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from b2b.core.money import Money, round_to_currency
from b2b.core.quantity import largest_remainder

# What is claimed where nothing is agreed, part of the price. Returned goods were paid for; rejected and missing ones
# were never owed, so that asking their price would be asking for a gift.
UNDECLARED: Final = {"RETURNED": Decimal(1), "REJECTED": Decimal(0), "MISSING": Decimal(0)}


@dataclass(frozen=True, slots=True)
class Loss:
    """Base units that the owner of one peg lost; `return_line_id` when a dealer gave them back."""

    peg_id: int
    dealer_id: int | None
    quantity: int
    return_line_id: int | None = None


def spread(quantity: int, owners: Sequence[Loss]) -> list[Loss]:
    """Split lost base units over the owners of pegs by what was pegged for each; who lost nothing is left out.

    Method: largest remainder. Promise: the losses sum to `quantity`.
    """
    parts = largest_remainder(quantity, [owner.quantity for owner in owners])
    return [
        Loss(owner.peg_id, owner.dealer_id, part, owner.return_line_id)
        for owner, part in zip(owners, parts, strict=True)
        if part
    ]


def rate(cause: str, declared_basis_points: int | None) -> Decimal:
    """Return the part of the price claimed for a cause: as declared, else `UNDECLARED`; returned goods in full."""
    if cause == "RETURNED" or declared_basis_points is None:
        return UNDECLARED[cause]
    return Decimal(declared_basis_points) / 10_000


def claimed(quantity: int, unit_price: Decimal, rate: Decimal, currency: str) -> Decimal:
    """Return what is claimed for base units at a rate of their price."""
    return round_to_currency(quantity * unit_price * rate, currency)


def accepted(amount: Decimal, claimed_quantity: int, accepted_quantity: int, currency: str) -> Decimal:
    """Return what accepting a part of the quantity comes to; accepting all of it comes to all of the amount."""
    return round_to_currency(amount * accepted_quantity / claimed_quantity, currency)


def split_claim(amount: Decimal, losses: Sequence[Loss], currency: str) -> list[Decimal]:
    """Split a claimed amount over losses by quantity.

    Method: largest remainder in minor units. Promise: the parts sum to the amount; those of equal
    losses differ by a cent at most.
    """
    return [part.amount for part in Money(amount, currency).split([loss.quantity for loss in losses])]


def split_answer(amount: Decimal, parts: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split an accepted amount over what each claimed.

    Method: largest remainder in minor units. Promise: the parts sum to the amount, and none exceeds what was claimed.
    """
    weights = [Money(part, currency).minor for part in parts]
    if not any(weights):
        return [Decimal(0)] * len(weights)
    return [part.amount for part in Money(amount, currency).split(weights)]
