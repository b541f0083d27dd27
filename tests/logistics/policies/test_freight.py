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
    per_stop=rates,
    breaks=st.lists(st.tuples(st.integers(1, 10**7), rates), max_size=4).map(tuple),
    surcharge_percent=st.decimals(0, 99, places=2),
)
amounts = st.integers(0, 10**7)


@given(terms, amounts, amounts, amounts, st.tuples(amounts, amounts, amounts))
def test_price_keeps_the_minimum_and_never_falls_with_more_work(asked, km, hours, kg, more):
    cost = price(asked, distance_m=km, duration_s=hours, weight_g=kg)
    dearer = price(asked, distance_m=km + more[0], duration_s=hours + more[1], weight_g=kg + more[2], stops=1)
    assert cost.amount >= Money.of(asked.minimum, asked.currency).amount
    assert dearer.amount >= cost.amount


def test_price_adds_base_distance_weight_and_time():
    asked = Terms("CNY", Decimal(100), Decimal("3.5"), Decimal("0.2"), Decimal(40), Decimal(50))
    cost = price(asked, distance_m=12_340, duration_s=5_400, weight_g=250_000)
    assert cost.amount == Decimal("253.19")  # 100 + 43.19 + 50 + 60


def test_a_heavy_load_gets_the_lower_rate_from_where_it_is_cheaper_on():
    asked = Terms(
        "CNY", per_kg=Decimal("1.00"), breaks=((100_000, Decimal("0.80")), (500_000, Decimal("0.50")))
    )

    def cost(kg):
        return price(asked, distance_m=0, duration_s=0, weight_g=1000 * kg).amount

    assert [cost(kg) for kg in (50, 80, 90, 100, 200)] == [50, 80, 80, 80, 160]
    assert [cost(kg) for kg in (300, 400, 500, 1000)] == [240, 250, 250, 500]


def test_stops_and_the_surcharge_come_on_top():
    asked = Terms(
        "CNY", base=Decimal(100), per_stop=Decimal(15), minimum=Decimal(120), surcharge_percent=Decimal("7.5")
    )
    assert price(asked, distance_m=0, duration_s=0, weight_g=0, stops=3).amount == Decimal(
        "155.88"
    )  # 145 + 7.5 %
    assert price(asked, distance_m=0, duration_s=0, weight_g=0, stops=1).amount == Decimal(
        "129.00"
    )  # the minimum + 7.5 %


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
