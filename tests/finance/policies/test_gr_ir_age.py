"""Every purchase line that stands open has a reason, an owner and a band of age."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.policies import gr_ir_age
from finance.policies.gr_ir_age import Standing, band, explain

quantities = st.integers(0, 10**6)
words = st.text(max_size=8)


@given(quantities, quantities, st.integers(-(10**6), 10**6), words, words, words)
def test_16_every_open_line_has_a_reason_and_an_owner(accepted, billed, amount, bill, verdict, owner):
    said = explain(Standing(accepted, billed, amount, bill, verdict, owner))
    assert said.reason
    assert said.owner
    assert (said.code == gr_ir_age.BILL_WAITS) == bool(bill)
    assert (said.code == gr_ir_age.NOT_BILLED) == (not bill and billed < accepted)
    assert (said.owner == gr_ir_age.FACTORY) == (
        said.code == gr_ir_age.NOT_BILLED or owner == gr_ir_age.FACTORY
    )


@pytest.mark.parametrize(
    ("days", "name"), [(0, "0-30"), (30, "0-30"), (31, "31-60"), (90, "61-90"), (91, "over 90")]
)
def test_bands_meet(days, name):
    assert band(days) == name


def test_a_bill_that_waits_is_whose_case_it_is():
    held = Standing(5, 0, 100, "BILL-1", "PRICE_ABOVE", "anna")
    assert (explain(held).reason, explain(held).owner) == ("BILL-1 waits: price above", "anna")
    assert explain(Standing(5, 0, 100, "BILL-1", "", "")).owner == gr_ir_age.OPERATOR
