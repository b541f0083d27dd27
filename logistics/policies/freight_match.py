"""A carrier's invoice against what its trips were to cost: line by line, within a tolerance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from b2b.core.money import round_to_currency

UNKNOWN_TRIP: Final = "UNKNOWN_TRIP"
NOT_DRIVEN: Final = "NOT_DRIVEN"
OTHER_CURRENCY: Final = "OTHER_CURRENCY"
BILLED_BEFORE: Final = "BILLED_BEFORE"
TOO_MUCH: Final = "TOO_MUCH"
TOO_LITTLE: Final = "TOO_LITTLE"

FINDINGS: Final[dict[str, str]] = {
    UNKNOWN_TRIP: "the carrier drove no trip of that number",
    NOT_DRIVEN: "the trip has not been driven to its end",
    OTHER_CURRENCY: "the trip was agreed in another currency",
    BILLED_BEFORE: "another invoice asks for this trip already",
    TOO_MUCH: "more than the trip was to cost, beyond the tolerance",
    TOO_LITTLE: "less than the trip was to cost, beyond the tolerance",
}


@dataclass(frozen=True, slots=True)
class Driven:
    """A trip as it was driven: what it was to cost, and whether it is over and billed already."""

    cost: Decimal
    currency: str
    is_over: bool
    is_billed: bool


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The larger of a share of the cost, in per cent, and an amount."""

    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)

    def around(self, cost: Decimal, currency: str) -> Decimal:
        """Return by how much an amount may differ from a cost, rounded to the currency."""
        return max(round_to_currency(cost * self.percent / 100, currency), self.amount)


@dataclass(frozen=True, slots=True)
class Judged:
    """What is asked for a trip beside what was expected; `finding` is "" when it may be paid."""

    trip_number: str
    amount: Decimal
    expected_amount: Decimal
    finding: str


def judge(
    asked: Sequence[tuple[str, Decimal]], driven: Mapping[str, Driven], currency: str, tolerance: Tolerance
) -> list[Judged]:
    """Judge each (trip number, amount) of an invoice, in its order; every line is judged."""
    judged = []
    for number, amount in asked:
        trip = driven.get(number)
        expected = trip.cost if trip is not None and trip.currency == currency else Decimal(0)
        judged.append(Judged(number, amount, expected, _finding(amount, trip, currency, tolerance)))
    return judged


def _finding(amount: Decimal, trip: Driven | None, currency: str, tolerance: Tolerance) -> str:
    if trip is None:
        return UNKNOWN_TRIP
    if not trip.is_over:
        return NOT_DRIVEN
    if trip.currency != currency:
        return OTHER_CURRENCY
    if trip.is_billed:
        return BILLED_BEFORE
    difference = amount - trip.cost
    if abs(difference) <= tolerance.around(trip.cost, currency):
        return ""
    return TOO_MUCH if difference > 0 else TOO_LITTLE
