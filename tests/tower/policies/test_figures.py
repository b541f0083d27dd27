"""The arithmetic of the value view."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from b2b.tower.policies import value as policy
from b2b.tower.policies.value import COST_PARTS, Value

amounts = st.integers(0, 10**9).map(lambda minor: Decimal(minor).scaleb(-2))


@given(st.tuples(*[amounts] * len(COST_PARTS)), st.integers(0, 10**6))
def test_the_parts_of_circulation_cost_sum_to_it(parts, delivered) -> None:
    found = Value("CNY", delivered_quantity=delivered, **dict(zip(COST_PARTS, parts, strict=True)))
    assert found.circulation_cost == sum(parts)
    if delivered:
        assert abs(found.cost_per_unit - found.circulation_cost / delivered) <= Decimal("0.00005")
    else:
        assert found.cost_per_unit == 0


def test_what_nothing_tells_is_none_and_not_zero() -> None:
    assert policy.days_outstanding(Decimal(5), Decimal(0), 90) is None
    assert policy.turns(10, Decimal(0), 90) is None
    assert policy.bullwhip([1, 2, 3], [1, 2, 3]) is None, "three weeks tell no variation"
    assert policy.bullwhip([1, 2, 3, 4], [5, 5, 5, 5]) is None, "demand that never varies"


def test_textbook_figures() -> None:
    assert policy.days_outstanding(Decimal(50_000), Decimal(300_000), 90) == Decimal("15.0")
    assert policy.turns(1_000, Decimal(250), 365) == Decimal("4.00")
    assert policy.bullwhip([0, 40, 0, 40], [10, 20, 10, 20]) == Decimal("9.00")


@given(st.lists(st.integers(0, 1000), min_size=4, max_size=30))
def test_buying_what_is_wanted_is_no_bullwhip(weeks) -> None:
    assert policy.bullwhip(weeks, weeks) in (None, Decimal(1))
