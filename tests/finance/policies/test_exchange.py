"""Rates by day, either way round, and whether a bank's own is near them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.policies import exchange
from finance.policies.exchange import OLDEST, Rates, UnreadableRates

DAY = date(2026, 3, 2)
RATES = Rates({("EUR", "CNY"): [(DAY, Decimal("7.8")), (DAY + timedelta(5), Decimal(8))]})


@pytest.mark.parametrize(
    ("days", "found"),
    [(-1, None), (0, "7.8"), (4, "7.8"), (5, "8"), (5 + OLDEST.days, "8"), (6 + OLDEST.days, None)],
)
def test_the_newest_rate_by_a_day_counts_and_an_old_one_tells_nothing(days, found):
    assert RATES.of("EUR", "CNY", DAY + timedelta(days)) == (found and Decimal(found))


def test_the_other_way_round_is_one_over_it_and_the_newer_wins():
    assert RATES.of("CNY", "EUR", DAY) == 1 / Decimal("7.8")
    both = Rates({**RATES.table, ("CNY", "EUR"): [(DAY + timedelta(6), Decimal("0.1"))]})
    assert both.of("EUR", "CNY", DAY + timedelta(6)) == Decimal(10)
    assert both.of("EUR", "CNY", DAY + timedelta(5)) == Decimal(8)
    assert RATES.of("EUR", "USD", DAY) is None
    assert RATES.of("USD", "USD", DAY) == 1


amounts = st.decimals(Decimal("0.01"), Decimal(10**9), places=2)
rates = st.decimals(Decimal("0.0001"), Decimal(10**4), places=6)


@given(amounts, rates)
def test_what_is_converted_is_near_give_or_take_a_cent(amount, rate):
    got = exchange.convert(amount, rate, "CNY")
    assert abs(got - amount * rate) <= Decimal("0.005")
    assert exchange.is_near(amount * rate, amount, rate, Decimal(0))
    assert not exchange.is_near(amount * rate * 2, amount, rate)


def test_a_file_is_read_or_every_fault_is_named():
    good = b"date,base,quote,rate\n2026-03-02,EUR,CNY,7.8123\n2026-03-02,USD,CNY,7.1\n"
    assert [one.rate for one in exchange.read(good)] == [Decimal("7.8123"), Decimal("7.1")]
    bad = (
        b"date,base,quote,rate\n2.3.2026,EUR,CNY,1\n2026-03-02,eur,CNY,1\n2026-03-02,EUR,EUR,NaN\n"
        b"2026-03-02,EUR,CNY,-1\n"
    )
    with pytest.raises(UnreadableRates) as refused:
        exchange.read(bad)
    assert [(one.row, one.field) for one in refused.value.problems] == [
        (2, "date"), (3, "base"), (4, "quote"), (4, "rate"), (5, "rate"),
    ]  # fmt: skip
    for content in (b"", b"date,base\n", b"date,base,quote,rate\n", b"\xff\xfe"):
        with pytest.raises(UnreadableRates):
            exchange.read(content)
