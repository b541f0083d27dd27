"""While packs are filled, only what fills a started pack is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.policies import box_fill, pooling
from orders.policies.box_fill import Need

RULES = {"minimum": st.integers(1, 60), "multiple": st.integers(1, 24)}
NEEDS = st.builds(Need, st.integers(0, 200), st.integers(0, 30))


@pytest.mark.parametrize(
    ("quantity", "tolerance", "packs", "missing"),
    [(0, 5, 0, 0), (2, 2, 1, 0), (4, 4, 1, 0), (5, 3, 2, 0), (5, 2, 1, 1)],
)
def test_the_vectors_of_foodsoft(quantity, tolerance, packs, missing):
    assert pooling.packs(quantity, tolerance, pack=4) == packs
    assert box_fill.missing(Need(quantity, tolerance), minimum=1, multiple=4) == missing


@given(NEEDS, st.integers(1, 24))
def test_nothing_is_missing_when_the_factory_sells_all_that_is_firm(need, pack):
    sold = pooling.packs(need.quantity, need.tolerance, pack=pack) * pack
    assert (box_fill.missing(need, minimum=1, multiple=pack) == 0) == (sold >= need.quantity)


@given(NEEDS, RULES["minimum"], RULES["multiple"])
def test_adding_what_is_missing_leaves_nothing_missing(need, minimum, multiple):
    rule = {"minimum": minimum, "multiple": multiple}
    lacking = box_fill.missing(need, **rule)
    whole = Need(need.quantity + lacking, need.tolerance)
    assert box_fill.missing(whole, **rule) == 0
    assert box_fill.admits(need, whole, **rule) == (lacking > 0)
    assert not lacking or pooling.admits(
        need.quantity + lacking + need.tolerance, minimum=minimum, multiple=1
    )


@given(
    NEEDS,
    st.lists(st.tuples(st.integers(-40, 40), st.integers(-5, 5)), max_size=40),
    RULES["minimum"],
    RULES["multiple"],
)
def test_admitted_changes_only_ever_lower_what_is_missing(need, changes, minimum, multiple):
    rule = {"minimum": minimum, "multiple": multiple}
    begun = lacking = box_fill.missing(need, **rule)
    taken = 0
    for quantity, tolerance in changes:
        after = Need(max(0, need.quantity + quantity), max(0, need.tolerance + tolerance))
        if box_fill.admits(need, after, **rule):
            need, taken = after, taken + 1
            assert box_fill.missing(need, **rule) < lacking
            lacking = box_fill.missing(need, **rule)
    assert taken <= begun


def test_no_new_pack_is_started_and_a_full_one_takes_nothing():
    rule = {"minimum": 1, "multiple": 4}
    assert not box_fill.admits(Need(0), Need(3), **rule)
    assert not box_fill.admits(Need(4), Need(8), **rule)
    assert box_fill.admits(Need(5), Need(8), **rule)
    assert box_fill.admits(Need(5), Need(4), **rule), "withdrawing the odd unit helps as well"
    assert not box_fill.admits(Need(5), Need(9), **rule), "as much missing as before"
