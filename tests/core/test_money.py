"""Amounts are exact: nothing is lost in rounding, splitting or crossing into minor units."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b.core.money import CurrencyMismatch, Money, round_to_currency

CURRENCIES = st.sampled_from(["CNY", "EUR", "JPY", "KWD"])


def test_six_lines_of_a_price_that_does_not_divide() -> None:
    parts = [part.amount for part in Money.of("6.85", "CNY").split([1] * 6)]
    assert sorted(parts) == [Decimal("1.14")] * 5 + [Decimal("1.15")]


def test_a_thousand_by_uneven_weights() -> None:
    parts = Money.of("1000.00", "CNY").split([6, 6, 3, 6])
    assert sum(part.amount for part in parts) == Decimal("1000.00")
    assert parts[0] == parts[1] or abs(parts[0].minor - parts[1].minor) == 1


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**6), min_size=1).filter(any), CURRENCIES)
def test_a_split_sums_to_the_whole_and_no_part_is_a_unit_off(
    minor: int, weights: list[int], currency: str
) -> None:
    whole = Money.from_minor(minor, currency)
    parts = whole.split(weights)
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor * sum(weights) - minor * weight) < sum(weights)


@given(st.integers(-(10**15), 10**15), CURRENCIES)
def test_minor_units_come_back_as_they_went(minor: int, currency: str) -> None:
    assert Money.from_minor(minor, currency).minor == minor


def test_rounding_follows_the_currency() -> None:
    assert round_to_currency(Decimal("10.005"), "CNY") == Decimal("10.01")
    assert round_to_currency(Decimal("10.5"), "JPY") == Decimal(11)
    assert round_to_currency(Decimal("10.0005"), "KWD") == Decimal("10.001")


def test_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatch) as caught:
        Money.of(1, "CNY") + Money.of(1, "EUR")
    assert caught.value.context == {"left": "CNY", "right": "EUR"}
