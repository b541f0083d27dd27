"""What is left of agreements is bought at their prices, the rest by the table, whichever division costs least."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.policies import pooling, tranche
from orders.policies.pricing import Break, choose
from orders.policies.tranche import Part

PRICES = st.integers(1, 30).map(Decimal)
AGREED = st.lists(st.builds(Part, st.integers(1, 25), PRICES), max_size=3)
# Any table, also one whose price rises.
TABLES = st.dictionaries(st.integers(1, 40), PRICES, max_size=4).map(
    lambda steps: tuple(Break(at, price) for at, price in sorted(steps.items()))
)


def least_cost(quantity, agreed, breaks):
    """Try every division."""
    offers = [
        price
        for part in sorted(agreed, key=lambda one: one.unit_price)
        for price in [part.unit_price] * part.quantity
    ]
    found = []
    for taken in range(min(quantity, len(offers)) + 1):
        held = choose(breaks, quantity - taken)
        if quantity == taken or held:
            rest = (quantity - taken) * held.unit_price if quantity > taken else 0
            found.append(sum(offers[:taken]) + rest)
    return min(found, default=None)


@given(st.integers(0, 70), AGREED, TABLES)
def test_no_division_costs_less(quantity, agreed, breaks):
    parts = tranche.cheapest(quantity, agreed, breaks)
    expected = least_cost(quantity, agreed, breaks)
    assert (parts is None) == (expected is None)
    if parts is None:
        return
    assert sum(part.quantity for part in parts) == quantity
    assert tranche.cost(parts) == expected
    assert len({part.unit_price for part in parts}) == len(parts)
    left = tranche.left_of(agreed, parts)
    assert sum(part.quantity for part in agreed) - sum(part.quantity for part in left) <= quantity
    assert all(part.quantity > 0 for part in left)


@given(st.integers(0, 60), st.integers(1, 40), st.integers(1, 9), AGREED, TABLES)
def test_no_admitted_quantity_costs_less(need, minimum, multiple, agreed, breaks):
    found = pooling.plan(need, minimum=minimum, multiple=multiple, breaks=breaks, agreed=agreed)
    admitted = [
        quantity
        for quantity in range(need, 130)
        if quantity and pooling.admits(quantity, minimum=minimum, multiple=multiple)
    ]
    costs = [cost for quantity in admitted if (cost := least_cost(quantity, agreed, breaks)) is not None]
    if found is None:
        assert need == 0 or not costs
        return
    assert found.quantity in admitted
    assert tranche.cost(found.priced) == min(costs)
    assert found.surplus == found.quantity - need
    assert abs(found.unit_price * found.quantity - min(costs)) < Decimal("0.000001")


def test_the_vector():
    """100 left at 7, the table 10 and from 50 on 9: 150 are 100 at 7 and 50 at 9; 149 are cheapest at 99 and 50."""
    table = (Break(1, Decimal(10)), Break(50, Decimal(9)))
    agreed = (Part(100, Decimal(7)),)
    assert tranche.cheapest(80, agreed, table) == (Part(80, Decimal(7)),)
    assert tranche.cheapest(150, agreed, table) == (Part(100, Decimal(7)), Part(50, Decimal(9)))
    assert tranche.cheapest(149, agreed, table) == (Part(99, Decimal(7)), Part(50, Decimal(9)))
    # The table alone where its break beats the agreement.
    low = (Break(1, Decimal(10)), Break(150, Decimal(5)))
    assert tranche.cheapest(150, agreed, low) == (Part(150, Decimal(5)),)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12), st.data())
def test_all_needs_have_the_same_mix(needs, data):
    whole, parts = sum(needs), []
    while sum(parts) < whole:
        parts.append(data.draw(st.integers(1, whole - sum(parts))))
    mix = tranche.spread(needs, parts)
    assert [sum(row) for row in mix] == parts
    assert [sum(row[index] for row in mix) for index in range(len(needs))] == (
        needs if parts else [0] * len(needs)
    )
    assert all(units >= 0 for row in mix for units in row)
    for need, given_of_first in zip(needs, mix[0] if mix else [], strict=bool(mix)):
        assert abs(given_of_first - Decimal(need * parts[0]) / whole) < 1
    # What the last need gets is known without the others.
    assert tranche.last_of(needs[-1], parts) == [row[-1] for row in mix]


def test_what_does_not_sum_up_is_refused():
    with pytest.raises(ValueError, match="3 units"):
        tranche.spread([1, 1], [3])
