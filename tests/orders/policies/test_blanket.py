"""Release arithmetic: nothing is ever called off beyond the agreed quantity and its tolerance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.policies.blanket import Standing, ceiling, judge_release

QUANTITIES = st.integers(0, 10**12)
TOLERANCES = st.integers(0, 10_000)


@given(QUANTITIES, TOLERANCES)
def test_the_ceiling_is_the_agreed_quantity_and_its_tolerance_rounded_down(agreed, tolerance):
    most = ceiling(agreed, tolerance)
    assert agreed <= most
    assert most * 10_000 <= agreed * (10_000 + tolerance) < (most + 1) * 10_000


@pytest.mark.parametrize(
    ("agreed", "tolerance", "most"), [(100, 0, 100), (100, 1000, 110), (9, 1000, 9), (0, 500, 0)]
)
def test_ceilings(agreed, tolerance, most):
    assert ceiling(agreed, tolerance) == most


@pytest.mark.parametrize(("agreed", "tolerance"), [(-1, 0), (1, -1), (1, 10_001)])
def test_no_ceiling_of_nonsense(agreed, tolerance):
    with pytest.raises(ValueError, match="basis points"):
        ceiling(agreed, tolerance)


@given(st.integers(0, 10_000), TOLERANCES, st.lists(st.integers(1, 5_000), max_size=30))
def test_any_sequence_of_releases_stays_below_the_ceiling_and_refuses_only_what_is_too_much(
    agreed, tolerance, wanted
):
    released = 0
    for quantity in wanted:
        standing = Standing(1, "A", agreed, released, tolerance)
        if judge_release({1: quantity}, {1: standing}):
            assert released + quantity > ceiling(agreed, tolerance)
        else:
            released += quantity
        assert released <= ceiling(agreed, tolerance)
        assert standing.owed <= standing.left


def test_faults_name_their_row_and_what_is_left():
    standings = {1: Standing(1, "A", 100, 95, 1000)}
    problems = judge_release({1: 16, 7: 1}, standings)
    assert [(one.code, one.row) for one in problems] == [("beyond_blanket", 1), ("unknown_line", 2)]
    assert problems[0].remedy == "Call off at most 15 base units."
