"""What came true of a saving: all of it when all came, never a cent lost, no share a cent off."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b.core.money import Money
from orders.policies.sharing import settle

cents = st.integers(-10_000, 10_000_000).map(lambda minor: Decimal(minor).scaleb(-2))


@given(shares=st.tuples(cents, cents, cents), pooled=cents, quantity=st.integers(1, 10**6), part=st.data())
def test_shares_sum_and_none_is_a_cent_off(shares, pooled, quantity, part) -> None:
    received = part.draw(st.integers(0, quantity))
    found = settle(shares, pooled=pooled, received=received, quantity=quantity, currency="CNY")
    parts = (found.dealer_share, found.platform_share, found.factory_share)
    assert found.baseline - found.pooled == sum(parts)
    for settled, stated in zip(parts, shares, strict=True):
        assert abs(settled - stated * received / quantity) < Decimal("0.01")
    assert abs(sum(parts) - sum(shares) * received / quantity) <= Decimal("0.005")


@given(shares=st.tuples(cents, cents, cents), pooled=cents, quantity=st.integers(1, 10**6))
def test_all_that_came_is_all_that_was_stated(shares, pooled, quantity) -> None:
    found = settle(shares, pooled=pooled, received=quantity, quantity=quantity, currency="CNY")
    assert (found.dealer_share, found.platform_share, found.factory_share) == shares
    assert found.pooled == pooled
    nothing = settle(shares, pooled=pooled, received=0, quantity=quantity, currency="CNY")
    assert nothing.baseline == nothing.dealer_share == Money(Decimal(0), "CNY").amount


def test_the_odd_cent_goes_to_the_largest_remainder() -> None:
    found = settle(
        [Decimal("70.00"), Decimal("20.00"), Decimal("10.00")],
        pooled=Decimal("400.00"),
        received=1,
        quantity=3,
        currency="CNY",
    )
    assert (found.dealer_share, found.platform_share, found.factory_share) == (
        Decimal("23.33"),
        Decimal("6.67"),
        Decimal("3.33"),
    )


def test_more_than_was_pooled_is_refused() -> None:
    with pytest.raises(ValueError, match="received"):
        settle([Decimal(1)] * 3, pooled=Decimal(1), received=2, quantity=1, currency="CNY")
