"""However goods come back, what is credited in the end is what was billed."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finance.policies import tax
from finance.policies.crediting import net_of, tax_of

prices = st.decimals("0", "9999", places=6)
rates = st.sampled_from([Decimal("0.13"), Decimal("0.09"), Decimal("0.065"), Decimal(0)])


@given(
    st.lists(st.integers(1, 90), min_size=1, max_size=8),
    prices,
    rates,
    st.sampled_from(["CNY", "JPY", "KWD"]),
)
def test_steps_sum_to_the_whole(steps: list[int], price: Decimal, rate: Decimal, currency: str) -> None:
    billed = tax.totals([(rate, tax.line_net(sum(steps), price, currency))], currency)
    done, net, taxed = 0, Decimal(0), Decimal(0)
    for step in steps:
        part = net_of(done, step, price, currency)
        due = tax_of(net, part, rate, currency)
        assert part >= 0
        assert due >= 0
        done, net, taxed = done + step, net + part, taxed + due
    assert (net, taxed) == (billed.net_amount, billed.tax_amount)
