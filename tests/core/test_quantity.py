"""Whole units: packs round up once, shares sum exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b.core.quantity import largest_remainder, round_up_to_multiple, to_base_units


@given(st.integers(0, 10**9), st.integers(1, 10**4))
def test_rounding_up_reaches_the_next_pack_and_no_further(quantity: int, multiple: int) -> None:
    rounded = round_up_to_multiple(quantity, multiple)
    assert rounded % multiple == 0
    assert quantity <= rounded < quantity + multiple


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_shares_sum_to_the_total(total: int, weights: list[int]) -> None:
    assert sum(largest_remainder(total, weights)) == total


@given(st.integers(0, 10**6), st.lists(st.integers(0, 1000), min_size=1).filter(any))
def test_who_weighs_nothing_gets_nothing(total: int, weights: list[int]) -> None:
    for share, weight in zip(largest_remainder(total, weights), weights, strict=True):
        assert weight > 0 or share == 0


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, [-1, 2]), (1, [0, 0])])
def test_nonsense_is_refused(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        largest_remainder(total, weights)


def test_packs_convert_without_rounding() -> None:
    assert to_base_units(7, 24) == 168
    with pytest.raises(ValueError, match="pack"):
        to_base_units(1, 0)


# Quantities that other systems round on the way between units (odoo#263663, odoo#228014,
# OCA/stock-logistics-warehouse#832, erpnext#58804): here a pack is a whole number of a base unit that is fine enough.
GRAM = 10**8  # the base unit is 10 ng
THOUSANDTH_POUND = 45_359_237  # a pound is 0.45359237 kg exactly


def test_a_weight_in_hundredths_stays_what_it_is() -> None:
    kilogram = 100
    assert to_base_units(362, kilogram) + 15 == 36_215
    assert round_up_to_multiple(36_215, 1) == 36_215  # never 363 kilograms
    assert round_up_to_multiple(36_215, kilogram) == 36_300  # unless only whole ones are sold


def test_a_pack_of_six_is_one_pack() -> None:
    assert divmod(to_base_units(1, 6), 6) == (1, 0)


def test_two_hundred_are_two_hundred_although_the_unit_is_a_dozen() -> None:
    assert divmod(200, 12) == (16, 8)
    assert to_base_units(16, 12) + 8 == 200
    assert round_up_to_multiple(200, 12) == to_base_units(17, 12) == 204


def test_a_minimum_in_grams_is_met_by_the_same_in_pounds() -> None:
    minimum = to_base_units(50_000, GRAM)
    assert to_base_units(110_232, THOUSANDTH_POUND) >= minimum
    assert to_base_units(110_231, THOUSANDTH_POUND) < minimum


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6))
def test_the_way_through_a_larger_unit_loses_nothing(packs: int, inner: int, outer: int) -> None:
    assert to_base_units(packs, inner * outer) == to_base_units(to_base_units(packs, outer), inner)
    assert divmod(to_base_units(packs, inner), inner) == (packs, 0)
