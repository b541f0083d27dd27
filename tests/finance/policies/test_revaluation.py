"""What an account in a foreign currency gains is its balance at the day's rate less its movements at theirs."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from finance.policies.exchange import Rates
from finance.policies.revaluation import value

FIRST = date(2026, 3, 2)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def told(*rates: str, pair: tuple[str, str] = ("USD", "CNY")) -> Rates:
    return Rates({pair: [(day(number), Decimal(rate)) for number, rate in enumerate(rates)]})


def test_golden_an_invoice_of_a_thousand_dollars_its_payment_and_the_rate_after():
    rates = told("7.10", "7.20", "7.05", "7.00")
    owed = {day(0): 100_000}
    assert value(owed, "USD", "CNY", day(0), rates).difference == 0
    assert value(owed, "USD", "CNY", day(1), rates).difference == 10_000  # 100.00 CNY
    settled = owed | {day(2): -100_000}
    for later in (2, 3):
        assert value(settled, "USD", "CNY", day(later), rates).difference == -5_000  # realised, and stays
    bank = value({day(2): 100_000}, "USD", "CNY", day(3), rates)
    assert (bank.historic, bank.worth, bank.difference) == (705_000, 700_000, -5_000)


def test_currencies_have_decimals_of_their_own_and_rates_go_both_ways():
    yen = value({day(0): 10_000}, "JPY", "CNY", day(1), told("20", "25", pair=("CNY", "JPY")))
    assert (yen.historic, yen.worth) == (50_000, 40_000)  # 10,000 JPY were 500.00 CNY, and are 400.00
    dinar = value({day(0): 1_000}, "KWD", "CNY", day(0), told("23.456", pair=("KWD", "CNY")))
    assert dinar.worth == 2_346  # 1.000 KWD


def test_without_a_rate_near_a_day_nothing_is_said():
    assert value({day(0): 1}, "USD", "CNY", day(0), Rates()) is None
    old = Rates({("USD", "CNY"): [(FIRST - timedelta(days=11), Decimal(7)), (day(1), Decimal(7))]})
    assert value({day(0): 1}, "USD", "CNY", day(1), old) is None
    assert value({day(1): 1}, "USD", "CNY", day(1), old).difference == 0


@given(
    st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=6),
    st.lists(st.decimals("0.01", "20", places=4), min_size=6, max_size=6),
)
def test_it_is_the_exact_sum_rounded_once_and_a_rate_that_stays_gains_nothing(amounts, rates):
    moves = {day(number): amount for number, amount in enumerate(amounts)}
    last = len(amounts) - 1
    found = value(moves, "USD", "CNY", day(last), told(*map(str, rates)))
    exact = sum(
        Fraction(amount) * (Fraction(rates[last]) - Fraction(rates[place]))
        for place, amount in enumerate(amounts)
    )
    assert abs(found.difference - exact) <= 1
    assert found.balance == sum(amounts)
    assert value(moves, "USD", "CNY", day(last), told(*["7.1"] * 6)).difference in (-1, 0, 1)
    assert value({day(0): amounts[0]}, "USD", "CNY", day(0), told(str(rates[0]))).difference == 0
