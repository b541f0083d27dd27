"""Two writings of one number are found out, two numbers are not mixed up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.policies import bill_number


@pytest.mark.parametrize(
    "again", ["RE-2026-0017", "re 2026/17", "RE2026-17", "ＲＥ－２０２６－１７", "RE-2O26-17"]
)
def test_writings_of_one_number_have_one_key(again):
    assert bill_number.are_near(bill_number.key("RE-2026-017"), bill_number.key(again))


@given(st.text("A1290", min_size=1, max_size=12), st.data())
def test_one_slip_of_the_pen_is_near_and_three_are_not(number, data):
    at = data.draw(st.integers(0, len(number) - 1))
    assert bill_number.are_near(number, number[:at] + "7" + number[at + 1 :])
    assert bill_number.are_near(number, number[:at] + "7" + number[at:])
    assert bill_number.are_near(number, number[:at] + number[at + 1 :])
    assert bill_number.are_near(number, number[:at] + number[at : at + 2][::-1] + number[at + 2 :])
    assert not bill_number.are_near(number, "777" + number)
    assert not bill_number.are_near("X7Y7Z" + number, "P8Q8R" + number)
