"""Goods of one product fill its windows from the first."""

from hypothesis import given
from hypothesis import strategies as st

from orders.policies.despatch_windows import fill

UNITS = st.integers(0, 10**6)


@given(UNITS, st.lists(st.integers(-5, 10**6), min_size=1, max_size=5))
def test_the_parts_sum_to_the_whole_and_a_window_is_full_before_the_next_begins(quantity, left):
    parts = fill(quantity, left)
    assert sum(parts) == quantity
    assert min(parts) >= 0
    for index, part in enumerate(parts[:-1]):
        assert part <= max(left[index], 0)
        assert part == max(left[index], 0) or not any(parts[index + 1 :])
