"""Dynamic discounting: paying before the day costs less, in proportion to the days (APR x days / 360 or 365)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finance.policies.interest import bank_discount


@dataclass(frozen=True, slots=True)
class EarlyPayment:
    """What is paid on a day in place of `face` on its due day, in minor units."""

    face: int
    discount: int
    days: int

    @property
    def paid(self) -> int:
        """What is paid."""
        return self.face - self.discount


def offer(face: int, rate: Decimal, convention: str, paid: date, due: date) -> EarlyPayment:
    """Return what paying `face` minor units on `paid` instead of `due` saves; nothing once it is due.

    Promise: what is paid is never negative and never falls as the due day comes nearer.
    """
    days = max(0, (due - paid).days)
    return EarlyPayment(face, bank_discount(face, rate, convention, paid, due) if days else 0, days)
