"""What is billed is cleared exactly, whatever the parts it comes in, and never beyond what was accepted."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from b2b.core.money import Money
from finance.policies.three_way_match import (
    CANCELLED,
    CHARGES_ABOVE,
    GOODS_AWAITED,
    MATCHED,
    OVER_ORDERED,
    PRICE_ABOVE,
    Standing,
    Tolerance,
    judge,
    whole,
)

EXACT = Tolerance()


def cny(amount) -> Money:
    return Money.of(amount, "CNY")


def line(ordered=10, accepted=10, invoiced=0, price="2.50", accrued=None, cleared=0) -> Standing:
    value = cny(Decimal(price) * accepted).minor if accrued is None else accrued
    return Standing(ordered, accepted, invoiced, Decimal(price), value, cleared)


@given(st.lists(st.integers(1, 500), min_size=1, max_size=20), st.integers(0, 10**9))
def test_the_parts_of_a_line_clear_its_value_at_receipt_to_the_cent(parts, accrued):
    standing = line(ordered=sum(parts), accepted=sum(parts), accrued=accrued)
    for part in parts:
        said = judge(part, cny(1), standing, EXACT)
        assert said.clears >= 0
        standing = replace(
            standing, invoiced=standing.invoiced + part, cleared=standing.cleared + said.clears
        )
        assert standing.cleared <= accrued
    assert standing.cleared == accrued


@given(st.integers(1, 99), st.integers(1, 99), st.integers(0, 99), st.integers(0, 99))
def test_only_what_was_ordered_and_accepted_is_ever_matched(billed, ordered, accepted, before):
    said = judge(billed, cny(0), line(ordered, accepted, before), EXACT)
    assert (said.verdict == MATCHED) == (before + billed <= min(ordered, accepted))


def test_each_difference_has_its_verdict():
    assert judge(10, cny("25"), line(), EXACT).verdict == MATCHED
    assert judge(10, cny("24"), line(), EXACT).verdict == MATCHED
    assert judge(10, cny("25.01"), line(), EXACT).verdict == PRICE_ABOVE
    assert judge(11, cny("27.5"), line(), EXACT).verdict == OVER_ORDERED
    assert judge(10, cny("25"), line(accepted=9), EXACT).verdict == GOODS_AWAITED
    assert judge(1, cny("2.5"), line(ordered=0, accepted=0), EXACT).verdict == CANCELLED


def test_a_dearer_price_is_let_pass_by_percent_or_by_amount_whichever_is_more():
    percent, amount = Tolerance(price_percent=Decimal(2)), Tolerance(price_amount=Decimal("0.05"))
    assert judge(10, cny("25.50"), line(), percent).verdict == MATCHED
    assert judge(10, cny("25.51"), line(), percent).verdict == PRICE_ABOVE
    assert judge(10, cny("25.50"), line(), amount).verdict == MATCHED
    assert judge(10, cny("25.51"), line(), amount).verdict == PRICE_ABOVE


def test_what_is_small_on_the_whole_bill_is_let_pass():
    dear = judge(10, cny("25.30"), line(), EXACT)
    cheap = judge(10, cny("20.00"), line(), EXACT)
    room = Tolerance(total_amount=Decimal("0.50"))
    assert whole([dear], cny(0), room) == MATCHED
    assert whole([dear], cny("0.21"), room) == PRICE_ABOVE
    assert whole([dear, cheap], cny(0), EXACT) == PRICE_ABOVE  # what is cheap elsewhere does not pay for it
    assert whole([cheap], cny("0.51"), room) == CHARGES_ABOVE
    assert whole([cheap], cny("-5"), EXACT) == MATCHED


def test_the_worst_line_speaks_for_the_bill():
    dear, early = judge(10, cny("30"), line(), EXACT), judge(10, cny("25"), line(accepted=1), EXACT)
    assert whole([dear, early], cny(0), EXACT) == GOODS_AWAITED
