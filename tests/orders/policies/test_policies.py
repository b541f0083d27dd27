"""The promises of the pure rules of orders."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.policies import demand, pooling, pricing, sharing
from orders.policies.pricing import Break
from tests.support.examples import examples

TABLE = [Break(1, Decimal(10)), Break(100, Decimal(8)), Break(1000, Decimal("6.5"))]


@st.composite
def tables(draw):
    starts = sorted(draw(st.sets(st.integers(1, 400), min_size=1, max_size=5)))
    return [Break(start, Decimal(draw(st.integers(1, 2000))) / 100) for start in starts]


def test_break_choice():
    assert [pricing.choose(TABLE, q).unit_price for q in (1, 99, 100, 999, 1000)] == [
        10,
        10,
        8,
        8,
        Decimal("6.5"),
    ]
    assert pricing.choose(TABLE[1:], 5) is None
    assert pricing.following(TABLE, 150).min_quantity == 1000
    assert pricing.following(TABLE, 1000) is None


def test_minimum_and_multiple_admit():
    admitted = [q for q in (24, 48, 50, 72, 96) if pooling.admits(q, minimum=48, multiple=24)]
    assert admitted == [48, 72, 96]
    assert pooling.smallest(50, minimum=48, multiple=24) == 72


def test_minimum_holds_on_the_sum():
    assert pooling.plan(3 + 2, minimum=5, multiple=1, breaks=TABLE).quantity == 5


@pytest.mark.parametrize(("quantity", "tolerance", "packs"), [(0, 5, 0), (2, 2, 1), (4, 4, 1), (5, 3, 2)])
def test_tolerance_fills_packs(quantity, tolerance, packs):
    assert pooling.packs(quantity, tolerance, pack=4) == packs


def test_buys_up_to_the_next_break_when_that_is_cheaper():
    bought = pooling.plan(90, minimum=1, multiple=1, breaks=TABLE)
    assert (bought.quantity, bought.surplus, bought.unit_price) == (100, 10, 8)
    assert pooling.plan(60, minimum=1, multiple=1, breaks=TABLE).quantity == 60


@given(tables(), st.integers(1, 300), st.integers(1, 60), st.integers(1, 30))
def test_no_admitted_quantity_is_cheaper(table, need, minimum, multiple):
    found = pooling.plan(need, minimum=minimum, multiple=multiple, breaks=table)
    every = [
        q * pricing.choose(table, q).unit_price
        for q in range(need, 700)
        if pooling.admits(q, minimum=minimum, multiple=multiple) and pricing.choose(table, q)
    ]
    assert found is not None
    assert found.quantity * found.unit_price == min(every)
    assert found.surplus == found.quantity - need >= 0


@given(
    st.integers(1, 2_000_000),
    st.data(),
    st.decimals("0.000001", 5000, places=6),
    st.decimals("0.000001", 5000, places=6),
    st.sampled_from(["CNY", "JPY", "KWD"]),
)
def test_saving_is_shared_to_the_cent(quantity, data, solo, pool, currency):
    pooled_quantity = data.draw(st.integers(1, quantity))
    rule = sharing.SharingRule()
    line = sharing.reprice(
        quantity=quantity,
        pooled_quantity=pooled_quantity,
        unit_price=solo,
        solo_unit_price=solo,
        pool_unit_price=pool,
        currency=currency,
        rule=rule,
    )
    shares = (line.dealer_share, line.platform_share, line.factory_share)
    assert min(shares) >= 0
    assert sum(shares) == line.baseline - line.pooled
    assert line.unit_price <= solo


def test_sharing_vector():
    line = sharing.reprice(
        quantity=100,
        pooled_quantity=100,
        unit_price=Decimal(10),
        solo_unit_price=Decimal(10),
        pool_unit_price=Decimal(8),
        currency="CNY",
        rule=sharing.SharingRule(),
    )
    assert (line.dealer_share, line.platform_share, line.factory_share) == (140, 40, 20)
    assert line.unit_price == Decimal("8.6")


def test_a_rule_that_shares_more_than_the_saving_is_refused():
    with pytest.raises(ValueError, match="basis points"):
        sharing.SharingRule(dealer=8000, platform=2000, factory=1000)


def left_of(gross, orders, back, forward):
    """What orders, one a bucket, leave of a forecast; every part is checked against its line."""
    lines = [(bucket, quantity) for bucket, quantity in enumerate(orders) if quantity]
    left, parts = list(gross), [0] * len(lines)
    for number, bucket, quantity in demand.consumption(gross, lines, back=back, forward=forward):
        parts[number] += quantity
        if bucket is not None:
            assert -back <= bucket - lines[number][0] <= forward
            left[bucket] -= quantity
    assert parts == [quantity for _, quantity in lines]
    return left


@pytest.mark.parametrize("reach", [1, 4])
def test_a_window_of_a_month_each_way_consumes_as_the_textbook_does(reach):
    assert left_of([350] * 4, [300, 500, 280, 0], reach, reach) == [0, 0, 0, 320]


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=8),
    st.integers(0, 3),
    st.integers(0, 3),
)
@settings(max_examples=examples(60), deadline=None)
def test_consumption_never_grows_a_bucket_and_leaves_none_that_is_in_reach(pairs, back, forward):
    gross, orders = [p[0] for p in pairs], [p[1] for p in pairs]
    left = left_of(gross, orders, back, forward)
    assert all(0 <= now <= was for now, was in zip(left, gross, strict=True))
    lines = [(bucket, quantity) for bucket, quantity in enumerate(orders) if quantity]
    for number, bucket, quantity in demand.consumption(gross, lines, back=back, forward=forward):
        if bucket is None:
            at = lines[number][0]
            assert quantity > 0
            # Whoever found too little had emptied all that it reaches.
            assert not any(left[max(0, at - back) : at + forward + 1])
