"""Instalments make up the amount, and what is open of them is what is open of all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b.core.money import Money
from finance.policies import instalment
from finance.policies.instalment import BadPlan, Part

CENTS = st.integers(0, 10**9)


@st.composite
def plans(draw):
    cuts = sorted(draw(st.sets(st.integers(1, 9_999), max_size=6)))
    shares = [after - before for before, after in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    days = sorted(draw(st.sets(st.integers(0, 365), min_size=len(shares), max_size=len(shares))))
    return [Part(*pair) for pair in zip(days, shares, strict=True)]


@given(plans(), CENTS, st.data())
def test_instalments_and_what_is_open_of_them_add_up(plan, cents, data):
    instalment.check(plan)
    parts = instalment.split(Money.from_minor(cents, "CNY"), date(2026, 3, 1), plan)
    amounts = [part.amount for part in parts]
    assert sum(amounts, Decimal(0)) == Decimal(cents).scaleb(-2)
    assert [part.due_date for part in parts] == sorted(part.due_date for part in parts)
    left = Decimal(data.draw(st.integers(0, cents))).scaleb(-2)
    still = instalment.open_parts(amounts, left)
    assert sum(still, Decimal(0)) == left
    assert all(0 <= part <= amount for part, amount in zip(still, amounts, strict=True))
    # Nothing is settled of an instalment before all earlier ones are.
    touched = [amount - part for part, amount in zip(still, amounts, strict=True)]
    assert all(not paid or not any(still[:n]) for n, paid in enumerate(touched))


@pytest.mark.parametrize(
    "parts", [[], [Part(0, 9_999)], [Part(30, 5_000), Part(30, 5_000)], [Part(9, 12_000), Part(10, -2_000)]]
)
def test_a_plan_that_is_none_is_refused(parts):
    with pytest.raises(BadPlan):
        instalment.check(parts)
