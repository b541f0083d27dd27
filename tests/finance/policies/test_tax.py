"""Totals follow EN 16931 and do not depend on the order of the lines."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finance.policies import tax

RATES = st.sampled_from([Decimal(0), Decimal("0.06"), Decimal("0.09"), Decimal("0.13"), Decimal("0.055")])
NETS = st.decimals(min_value=0, max_value=10**9, places=2)
LINES = st.lists(st.tuples(RATES, NETS), max_size=40)


@given(LINES, st.randoms())
def test_totals_add_up_whatever_the_order(lines, random):
    totals = tax.totals(lines, "CNY")
    shuffled = list(lines)
    random.shuffle(shuffled)
    assert tax.totals(shuffled, "CNY") == totals
    assert totals.net_amount == sum(net for _, net in lines)
    assert totals.gross_amount == totals.net_amount + totals.tax_amount
    assert totals.tax_amount == sum(part.tax_amount for part in totals.subtotals)
    assert all(
        abs(part.tax_amount - part.taxable_amount * part.tax_rate) <= Decimal("0.005")
        for part in totals.subtotals
    )


def test_tax_is_rounded_once_per_rate_and_not_per_line():
    lines = [(Decimal("0.13"), Decimal("0.33"))] * 3
    assert tax.totals(lines, "CNY").tax_amount == Decimal("0.13")


def test_yen_have_no_decimals():
    assert tax.line_net(3, Decimal("33.5"), "JPY") == Decimal(101)
    assert tax.totals([(Decimal("0.1"), Decimal(101))], "JPY").tax_amount == Decimal(10)
