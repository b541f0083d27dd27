"""What a pool may give a line besides is priced as the line is, to the cent."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orders.policies import flexibility

PRICES = st.decimals("0.000001", "99999", places=6)
RATES = st.sampled_from([Decimal(0), Decimal("0.09"), Decimal("0.13")])


def test_net_and_tax_are_rounded_each():
    assert flexibility.amount(Decimal("1.005"), 1, Decimal("0.13"), currency="CNY") == Decimal("1.14")
    assert flexibility.amount(Decimal("1.5"), 1, Decimal("0.1"), currency="JPY") == 2
    assert flexibility.amount(Decimal(10), 0, Decimal("0.13"), currency="CNY") == 0


@given(PRICES, st.integers(0, 10**6), st.integers(0, 10**6), RATES)
def test_more_never_costs_less_and_a_cent_is_all_that_rounding_moves(price, some, more, rate):
    part, rest, whole = (
        flexibility.amount(price, units, rate, currency="CNY") for units in (some, more, some + more)
    )
    assert part <= whole
    assert abs(part + rest - whole) <= Decimal("0.04")
    assert abs(whole - price * (some + more) * (1 + rate)) <= Decimal("0.01") + Decimal("0.005") * rate
