"""Day counts, interest and discount: tables others have published, and promises for any input."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from b2b.core.errors import Invalid
from finance.policies import early_payment
from finance.policies.day_count import CONVENTIONS, year_fraction
from finance.policies.interest import Step, accrued, bank_discount, half_up, present_value, simple
from tests.support.examples import examples

DAYS = st.dates(date(1999, 1, 1), date(2035, 12, 31))
RATES = st.decimals("0", "0.40", places=4)
KINDS = st.sampled_from(sorted(CONVENTIONS))
AMOUNTS = st.integers(0, 10**12)


@pytest.mark.parametrize(
    ("rate", "days", "cost"),
    [("0.18", 7, 3500), ("0.24", 7, 4667), ("0.24", 14, 9333), ("0.36", 14, 14000), ("0.18", 30, 15000)],
)
def test_the_golden_table_of_ten_thousand_over_360(rate: str, days: int, cost: int) -> None:
    start = date(2026, 3, 2)
    assert simple(1_000_000, Decimal(rate), "ACT/360", start, start + timedelta(days)) == cost
    paid = early_payment.offer(1_000_000, Decimal(rate), "ACT/360", start, start + timedelta(days))
    assert (paid.discount, paid.paid, paid.days) == (cost, 1_000_000 - cost, days)


@pytest.mark.parametrize(
    ("convention", "start", "end", "numerator", "denominator"),
    [
        # ISDA's own memorandum of 1999 on ACT/ACT: 1 November 2003 to 1 May 2004 is 61/365 + 121/366.
        ("ACT/ACT", date(2003, 11, 1), date(2004, 5, 1), 61 * 366 + 121 * 365, 365 * 366),
        ("ACT/ACT", date(1999, 2, 1), date(1999, 7, 1), 150, 365),
        ("ACT/ACT", date(1999, 7, 1), date(2000, 7, 1), 184 * 366 + 182 * 365, 365 * 366),
        ("ACT/ACT", date(2001, 6, 1), date(2004, 6, 1), 214 * 366 + 152 * 365 + 2 * 365 * 366, 365 * 366),
        ("ACT/360", date(2024, 2, 28), date(2024, 3, 1), 2, 360),
        ("ACT/365", date(2024, 1, 1), date(2025, 1, 1), 366, 365),
        ("30E/360", date(2026, 1, 31), date(2026, 2, 28), 28, 360),
        ("30E/360", date(2026, 2, 28), date(2026, 3, 31), 32, 360),
        ("30E/360", date(2026, 8, 30), date(2026, 8, 31), 0, 1),
        ("30/360 US", date(2026, 1, 31), date(2026, 2, 28), 28, 360),
        ("30/360 US", date(2026, 2, 28), date(2026, 3, 31), 30, 360),
        ("30/360 US", date(2026, 2, 28), date(2027, 2, 28), 360, 360),
        ("30/360 US", date(2026, 8, 30), date(2026, 8, 31), 0, 1),
        ("30/360 US", date(2026, 8, 29), date(2026, 8, 31), 2, 360),
        ("30/360 US", date(2024, 2, 29), date(2024, 8, 31), 180, 360),
    ],
)
def test_periods_as_the_conventions_have_them(
    convention: str, start: date, end: date, numerator: int, denominator: int
) -> None:
    assert year_fraction(convention, start, end) == Fraction(numerator, denominator)
    assert year_fraction(convention, end, start) == -Fraction(numerator, denominator)


def test_an_unknown_convention_is_named() -> None:
    with pytest.raises(Invalid, match="ACT/364"):
        year_fraction("ACT/364", date(2026, 1, 1), date(2026, 1, 2))


@given(KINDS, DAYS, DAYS, DAYS)
@settings(max_examples=examples(150))
def test_later_is_never_shorter_and_a_year_is_about_one(kind: str, one: date, two: date, three: date) -> None:
    first, middle, last = sorted((one, two, three))
    assert 0 <= year_fraction(kind, first, middle) <= year_fraction(kind, first, last)
    difference = year_fraction(kind, first, last) - Fraction((last - first).days, 365)
    assert abs(difference) <= Fraction(5, 360) + Fraction((last - first).days, 365 * 60)


@given(st.sampled_from(["ACT/360", "ACT/365", "ACT/ACT"]), DAYS, DAYS, DAYS)
@settings(max_examples=examples(100))
def test_actual_days_add_up(kind: str, one: date, two: date, three: date) -> None:
    assert year_fraction(kind, one, two) + year_fraction(kind, two, three) == year_fraction(kind, one, three)


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_halves_are_rounded_as_decimal_does(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    nearest = half_up(exact)
    assert abs(exact - nearest) <= Fraction(1, 2)
    halves = Decimal(numerator) / 2
    assert half_up(Fraction(numerator, 2)) == int(halves.quantize(Decimal(1), ROUND_HALF_UP))


@given(AMOUNTS, RATES, KINDS, DAYS, st.lists(st.integers(1, 90), max_size=12))
@settings(max_examples=examples(100))
def test_what_accrues_in_parts_sums_to_the_whole(
    principal: int, rate: Decimal, kind: str, start: date, gaps: list[int]
) -> None:
    steps = [Step(start, principal), Step(start + timedelta(40), principal // 2)]
    day, booked = start, 0
    for gap in gaps:
        day += timedelta(gap)
        booked += accrued(steps, rate, kind, day) - booked
    assert booked == accrued(steps, rate, kind, day)
    if day <= start + timedelta(40):
        assert booked == simple(principal, rate, kind, start, day)


@given(AMOUNTS, st.decimals("0", "3", places=3), KINDS, DAYS, st.integers(-30, 900))
@settings(max_examples=examples(150))
def test_a_discount_stays_within_the_face_and_falls_with_the_days(
    face: int, rate: Decimal, kind: str, paid: date, days: int
) -> None:
    due = paid + timedelta(days)
    today = bank_discount(face, rate, kind, paid, due)
    tomorrow = bank_discount(face, rate, kind, paid + timedelta(1), due)
    assert 0 <= tomorrow <= today <= face
    assert (today == 0) or days > 0


@given(AMOUNTS, RATES, KINDS, DAYS, st.integers(0, 720))
@settings(max_examples=examples(150))
def test_a_present_value_grows_back_to_the_face(
    face: int, rate: Decimal, kind: str, paid: date, days: int
) -> None:
    due = paid + timedelta(days)
    worth = present_value(face, rate, kind, paid, due)
    assert 0 <= worth <= face
    assert abs(worth + simple(worth, rate, kind, paid, due) - face) <= 1
