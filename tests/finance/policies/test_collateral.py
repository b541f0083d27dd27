"""How far goods secure what is owed on them."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finance.policies.collateral import is_called, may_release, share_out

RATES = st.decimals("0.01", "1", places=3)
AMOUNTS = st.integers(0, 10**12)


def test_four_fifths_are_four_fifths() -> None:
    assert may_release(80_000, 100_000, Decimal("0.8"))
    assert not may_release(80_001, 100_000, Decimal("0.8"))
    assert not is_called(90_000, 100_000, Decimal("0.9"))
    assert is_called(90_001, 100_000, Decimal("0.9"))
    assert not is_called(1, 0, None)
    assert may_release(0, 0, Decimal("0.5"))


@given(AMOUNTS, AMOUNTS, AMOUNTS, RATES)
def test_more_left_never_secures_less(owed: int, worth: int, more: int, rate: Decimal) -> None:
    if may_release(owed, worth, rate):
        assert may_release(owed, worth + more, rate)
        assert not is_called(owed, worth + more, rate)
    if is_called(owed, worth + more, rate):
        assert is_called(owed, worth, rate)


@given(st.integers(0, 1_000), st.lists(st.integers(1, 300), max_size=8))
def test_no_unit_secures_two_pledges_and_the_older_one_comes_first(there: int, pledged: list[int]) -> None:
    shares = share_out(there, pledged)
    assert sum(shares) == min(there, sum(pledged))
    assert all(0 <= share <= units for share, units in zip(shares, pledged, strict=True))
    lacking = [share < units for share, units in zip(shares, pledged, strict=True)]
    if True in lacking:
        assert not any(shares[lacking.index(True) + 1 :])
