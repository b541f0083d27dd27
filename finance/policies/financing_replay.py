"""Where a financing stands on a day: its facts, played again in the order of their value dates.

What is known later changes nothing about how it is reckoned: a payment entered late gives the state it would have given
in time. Method: cumulative interest in exact fractions, rounded once per reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from finance.policies.interest import exact, half_up
from finance.policies.waterfall import FEE, INTEREST, PENALTY, PRINCIPAL, pour

PARTS: Final = (PRINCIPAL, INTEREST, FEE, PENALTY)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a financing runs; `prepaid` is interest kept back when it was paid out, `due` principal by day."""

    drawn: date
    principal: int
    fee: int
    prepaid: int
    rate: Decimal
    penalty_rate: Decimal
    day_count: str
    grace_days: int
    waterfall: tuple[str, ...]
    due: tuple[tuple[date, int], ...]

    @property
    def maturity(self) -> date:
        """The day the last of it is due."""
        return self.due[-1][0]


@dataclass(frozen=True, slots=True)
class Paid:
    """Money that came in for a financing on a day, in minor units."""

    day: date
    amount: int


@dataclass(frozen=True, slots=True)
class State:
    """Where it stands at the end of a day, in minor units."""

    accrued: int = 0
    penalty_accrued: int = 0
    settled: dict[str, int] = field(default_factory=dict)
    owed: dict[str, int] = field(default_factory=dict)
    unearned: int = 0
    excess: int = 0
    paid: int = 0
    overdue: int = 0
    overdue_since: date | None = None

    @property
    def total(self) -> int:
        """What is owed today in all parts; what was paid in advance and is not earned yet is not taken off."""
        return sum(self.owed.values())

    @property
    def to_settle(self) -> int:
        """What ends it today: interest kept back for days that will not come is given back."""
        return max(0, self.total - self.unearned)


def state(terms: Terms, payments: Iterable[Paid], until: date) -> State:
    """Return the state at the end of `until`; payments of later days have not happened yet.

    Promise: the order in which payments are given makes no difference; what is owed, settled, unearned and in excess
    accounts for every minor unit drawn, accrued and paid.
    """
    by_day: dict[date, int] = {}
    for one in payments:
        if one.day <= until:
            day = max(one.day, terms.drawn)
            by_day[day] = by_day.get(day, 0) + one.amount
    run = _Run(terms)
    if until >= terms.drawn:
        for day in sorted(by_day):
            run.go_to(day)
            run.pay(by_day[day])
        run.go_to(until)
    return run.read(by_day)


class _Run:
    """Carries a financing forward from day to day."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.day = terms.drawn
        self.principal = terms.principal
        self.interest = Fraction(0)
        self.penalty = Fraction(0)
        self.settled = dict.fromkeys(PARTS, 0)
        self.unearned_back = 0
        self.excess = 0

    def go_to(self, day: date) -> None:
        """Let interest run, day by due day, because what is overdue changes there."""
        terms = self.terms
        turns = sorted({due + timedelta(days=terms.grace_days) for due, _ in terms.due})
        for stop in [*(turn for turn in turns if self.day < turn < day), day]:
            if stop <= self.day:
                continue
            self.interest += exact(self.principal, terms.rate, terms.day_count, self.day, stop)
            late = self._overdue(self.day - timedelta(days=terms.grace_days))
            self.penalty += exact(late, terms.penalty_rate, terms.day_count, self.day, stop)
            self.day = stop

    def _overdue(self, due_until: date) -> int:
        due = sum(amount for day, amount in self.terms.due if day <= due_until)
        return max(0, due - self.settled[PRINCIPAL])

    def owed(self) -> dict[str, int]:
        prepaid_used = min(self.terms.prepaid - self.unearned_back, half_up(self.interest))
        return {
            PRINCIPAL: self.principal,
            INTEREST: half_up(self.interest) - prepaid_used - self.settled[INTEREST],
            FEE: self.terms.fee - self.settled[FEE],
            PENALTY: half_up(self.penalty) - self.settled[PENALTY],
        }

    def unearned(self) -> int:
        return self.terms.prepaid - self.unearned_back - self._used()

    def _used(self) -> int:
        return min(self.terms.prepaid - self.unearned_back, half_up(self.interest))

    def pay(self, amount: int) -> None:
        """Settle part by part; once nothing but unearned interest could be owed, that is given back."""
        owed = self.owed()
        back = self.unearned()
        if back and amount < sum(owed.values()) <= amount + back:
            # An early settlement: interest for days that will not come pays the rest of the principal.
            self.unearned_back += back
            amount += back
        poured = pour(amount, owed, self.terms.waterfall)
        for part, settled in poured.settled.items():
            self.settled[part] += settled
        self.principal -= poured.settled[PRINCIPAL]
        self.excess += poured.excess
        if not any(self.owed().values()) and self.unearned():
            back = self.unearned()
            self.unearned_back += back
            self.excess += back

    def read(self, by_day: dict[date, int]) -> State:
        late = self._overdue(self.day - timedelta(days=1)) if self.principal else 0
        return State(
            accrued=half_up(self.interest),
            penalty_accrued=half_up(self.penalty),
            settled=dict(self.settled),
            owed=self.owed(),
            unearned=self.unearned(),
            excess=self.excess,
            paid=sum(by_day.values()),
            overdue=late,
            overdue_since=self._since() if late else None,
        )

    def _since(self) -> date:
        left = self.settled[PRINCIPAL]
        for day, amount in self.terms.due:
            left -= amount
            if left < 0:
                return day
        return self.terms.maturity


def days_past_due(found: State, today: date) -> int:
    """Return for how many days something has been overdue."""
    return (today - found.overdue_since).days if found.overdue_since else 0


def due_of(parts: Sequence[tuple[date, int]]) -> tuple[tuple[date, int], ...]:
    """Return principal by day without the days on which none is due."""
    return tuple((day, amount) for day, amount in parts if amount)
