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
