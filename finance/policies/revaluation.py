"""What an account in a foreign currency is worth at a day's rate, beside what its movements were worth on their days.

The closing rate method for monetary items (IAS 21.21, 21.23, 21.28; CAS 19, articles 10 and 11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from b2b.core.money import Money, exponent
from finance.policies.exchange import Rates


@dataclass(frozen=True, slots=True)
class Worth:
    """An account's balance in minor units of its unit, and in minor units of the books: historically and now."""

    balance: int
    rate: Decimal
    historic: int
    worth: int

    @property
    def difference(self) -> int:
        """What it gained, realised by movements since or not."""
        return self.worth - self.historic


def value(moves: Mapping[date, int], unit: str, base: str, on: date, rates: Rates) -> Worth | None:
    """Return what an account that moved so much on its days is worth on a day; None where a rate is not known.

    Each sum is rounded once. Promise: what moves in and out on one day gains nothing, and what was settled in full
    keeps the difference of its two days whatever rates do later.
    """
    today = rates.of(unit, base, on)
    then = {day: rates.of(unit, base, day) for day, minor in moves.items() if minor}
    if today is None or None in then.values():
        return None
    balance = sum(moves.values())
    historic = sum((Decimal(moves[day]) * (rate or 0) for day, rate in then.items()), Decimal(0))
    worth = Money.from_minor(balance, unit).amount * today
    return Worth(
        balance, today, Money.of(historic.scaleb(-exponent(unit)), base).minor, Money.of(worth, base).minor
    )
