"""Freight is exact and fair."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from b2b.core.money import Money
from logistics.policies.freight import Terms, basis, price, share

rates = st.decimals(0, 1000, places=3)
terms = st.builds(
    Terms,
    currency=st.sampled_from(["CNY", "JPY", "KWD"]),
    base=rates,
    per_km=rates,
    per_kg=rates,
    per_hour=rates,
    minimum=rates,
)
amounts = st.integers(0, 10**7)


@given(terms, amounts, amounts, amounts, st.tuples(amounts, amounts, amounts))
def test_price_keeps_the_minimum_and_never_falls_with_more_work(asked, km, hours, kg, more):
    cost = price(asked, distance_m=km, duration_s=hours, weight_g=kg)
    dearer = price(asked, distance_m=km + more[0], duration_s=hours + more[1], weight_g=kg + more[2])
    assert cost.amount >= Money.of(asked.minimum, asked.currency).amount
    assert dearer.amount >= cost.amount


def test_price_adds_base_distance_weight_and_time():
    asked = Terms("CNY", Decimal(100), Decimal("3.5"), Decimal("0.2"), Decimal(40), Decimal(50))
    cost = price(asked, distance_m=12_340, duration_s=5_400, weight_g=250_000)
    assert cost.amount == Decimal("253.19")  # 100 + 43.19 + 50 + 60


@given(st.integers(0, 10**9), st.lists(st.tuples(amounts, amounts, amounts), min_size=1, max_size=40))
def test_shares_sum_to_the_cost_and_are_a_cent_from_proportional(cents, loads):
    bases = [basis(weight_g=g, volume_cm3=cm3, distance_m=m) for g, cm3, m in loads]
    shares = share(Money.from_minor(cents, "CNY"), bases)
    assert sum(part.minor for part in shares) == cents
    whole = sum(bases)
    assert all(
        abs(part.minor * whole - cents * mine) < whole for part, mine in zip(shares, bases, strict=True)
    )


@given(amounts, amounts, amounts)
def test_everybody_bears_something(g, cm3, m):
    assert basis(weight_g=g, volume_cm3=cm3, distance_m=m) >= 1
