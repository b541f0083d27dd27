"""Schedules beside numpy-financial's, and the waterfall that settles them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy_financial
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from b2b.core.errors import Invalid
from finance.policies import schedule, waterfall
from finance.policies.day_count import CONVENTIONS
from tests.support.examples import examples

START = date(2026, 1, 15)


@pytest.mark.parametrize(
    ("principal", "rate", "months"),
    [(1_000_000, "0.18", 12), (25_000_000, "0.0435", 36), (999_999, "0.24", 6), (1_200_000, "0.06", 60)],
)
def test_an_annuity_is_numpys(principal: int, rate: str, months: int) -> None:
    found = schedule.plan(
        "ANNUITY", principal, Decimal(rate), "30E/360", START, schedule.monthly(START, months)
    )
    period = Decimal(rate) / 12
    level = numpy_financial.pmt(period, months, -Decimal(principal))
    assert {due.total for due in found[:-1]} == {round(level)}
    assert abs(found[-1].total - level) <= months
    for number in (1, months // 2, months):
        interest = numpy_financial.ipmt(float(period), number, months, -float(principal))
        assert abs(found[number - 1].interest - float(interest)) <= 1.5


def test_a_bullet_is_numpys_future_value_of_interest_alone() -> None:
    found = schedule.plan("BULLET", 1_000_000, Decimal("0.12"), "30E/360", START, schedule.monthly(START, 6))
    assert [due.principal for due in found] == [0, 0, 0, 0, 0, 1_000_000]
    assert {due.interest for due in found} == {10_000}
    flows = [-1_000_000, *(due.total for due in found)]
    assert abs(numpy_financial.irr(flows) - 0.01) < 1e-9


def test_the_last_of_a_month_stays_the_last() -> None:
    assert schedule.monthly(date(2026, 1, 31), 3) == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert schedule.monthly(date(2026, 11, 30), 2) == [date(2026, 12, 30), date(2027, 1, 30)]


@given(
    st.sampled_from(schedule.KINDS),
    st.integers(0, 10**12),
    st.decimals("0", "0.6", places=4),
    st.sampled_from(sorted(CONVENTIONS)),
    st.integers(1, 40),
)
@settings(max_examples=examples(120))
def test_principal_is_paid_back_exactly(
    kind: str, principal: int, rate: Decimal, convention: str, months: int
) -> None:
    days = schedule.monthly(START, months)
    found = schedule.plan(kind, principal, rate, convention, START, days)
    assert sum(due.principal for due in found) == principal
    assert [due.day for due in found] == days
    assert all(due.principal >= 0 and due.interest >= 0 for due in found)


@pytest.mark.parametrize("days", [[], [START], [date(2026, 3, 1), date(2026, 2, 1)]])
def test_days_that_do_not_follow_are_refused(days: list[date]) -> None:
    with pytest.raises(Invalid):
        schedule.plan("BULLET", 1, Decimal(0), "ACT/360", START, days)


def test_an_unknown_schedule_is_refused() -> None:
    with pytest.raises(Invalid, match="BALLOON"):
        schedule.plan("BALLOON", 1, Decimal(0), "ACT/360", START, [date(2026, 2, 1)])


@given(
    st.integers(0, 10_000),
    st.fixed_dictionaries({part: st.integers(0, 3_000) for part in waterfall.PARTS}),
    st.permutations(waterfall.PARTS),
)
@settings(max_examples=examples(150))
def test_a_waterfall_loses_nothing_and_keeps_its_order(
    amount: int, owed: dict[str, int], order: list[str]
) -> None:
    poured = waterfall.pour(amount, owed, order)
    assert sum(poured.settled.values()) + poured.excess == amount
    for place, part in enumerate(order):
        assert 0 <= poured.settled[part] <= owed[part]
        if poured.settled[part]:
            assert all(poured.settled[before] == owed[before] for before in order[:place])
    assert not poured.excess or dict(poured.settled) == owed


def test_a_waterfall_names_every_part_once() -> None:
    waterfall.check(["PRINCIPAL", "INTEREST", "FEE", "PENALTY"])
    with pytest.raises(Invalid, match="PENALTY"):
        waterfall.check(["PRINCIPAL", "INTEREST", "FEE"])
