"""What a dealer pays when the pool's price rose or fell."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.policies.sharing import SharingRule, reprice
from orders.policies.shortage import ShortageRule, passed_price

PRICES = st.decimals("0.01", 500, places=2)


@given(PRICES, PRICES, PRICES, st.integers(1, 500), st.data())
def test_a_price_moves_as_the_pools_does_and_not_above_the_solo_price(solo, before, after, quantity, data):
    pooled = data.draw(st.integers(1, quantity))
    agreed = data.draw(st.decimals("0.01", solo, places=2))
    found = passed_price(
        agreed, solo_unit_price=solo, before=before, after=after, pooled_quantity=pooled, quantity=quantity,
        dealer_basis_points=7000,
    )  # fmt: skip
    assert 0 <= found <= solo
    moved = min(after, solo) - min(before, solo)
    assert (found >= agreed) if moved > 0 else (found <= agreed)
    if not moved:
        assert found == agreed


@given(PRICES, PRICES, st.integers(1, 500))
def test_who_loses_the_whole_saving_is_back_at_the_solo_price(solo, pool, quantity):
    rule = SharingRule()
    lowered = reprice(
        quantity=quantity, pooled_quantity=quantity, unit_price=solo, solo_unit_price=solo, pool_unit_price=pool,
        currency="CNY", rule=rule,
    )  # fmt: skip
    found = passed_price(
        lowered.unit_price, solo_unit_price=solo, before=pool, after=solo, pooled_quantity=quantity,
        quantity=quantity, dealer_basis_points=rule.dealer,
    )  # fmt: skip
    # The saving was rounded to the cent, the price to its sixth decimal.
    assert abs(found - solo) * quantity <= Decimal("0.01") + quantity * Decimal("0.000001")


@given(PRICES, PRICES, PRICES, st.integers(1, 500))
def test_a_fall_and_the_rise_back_leave_nobody_dearer_than_before(solo, before, after, quantity):
    def passed(price, first, then):
        return passed_price(
            price, solo_unit_price=solo, before=first, after=then, pooled_quantity=quantity, quantity=quantity,
            dealer_basis_points=7000,
        )  # fmt: skip

    agreed = solo - (solo - min(before, solo)) * Decimal("0.7")
    lower, upper = sorted((before, after))
    back = passed(passed(agreed, before, lower), lower, before)
    assert abs(back - agreed) <= Decimal("0.000002")
    assert passed(agreed, before, upper) >= agreed


def test_a_ceiling_holds():
    found = passed_price(
        Decimal(8), solo_unit_price=Decimal(10), before=Decimal(7), after=Decimal(10), pooled_quantity=10, quantity=10,
        dealer_basis_points=10000, ceiling=Decimal(9),
    )  # fmt: skip
    assert found == 9


def test_negative_times_are_refused():
    with pytest.raises(ValueError, match="not negative"):
        ShortageRule(withdraw_hours=-1)
