"""What is told of a pool is true, coarse, and says nothing of one rival."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.policies import progress
from orders.policies.pricing import Break, choose
from orders.policies.progress import Disclosure, Step

TABLE = (Break(1, Decimal(10)), Break(100, Decimal(8)), Break(1000, Decimal(6)))
MARKS = st.lists(st.integers(1, 5000), max_size=6)
TOLD = st.builds(Disclosure, parts=st.integers(1, 6), least_step=st.integers(1, 50))


def test_the_way_to_each_break_is_told_in_quarters():
    assert progress.edges([100, 1000], Disclosure()) == (25, 50, 75, 100, 325, 550, 775, 1000)


def test_small_packs_are_told_in_no_finer_steps_than_declared():
    assert progress.edges([1, 4, 24], Disclosure(least_step=10)) == (12, 24)


@given(MARKS, TOLD)
def test_steps_ascend_and_none_is_narrower_than_declared(marks, told):
    steps = progress.edges(marks, told)
    assert all(high - low >= told.least_step for low, high in zip((0, *steps), steps, strict=False))


@given(MARKS, TOLD, st.integers(0, 6000), st.data())
def test_a_step_is_true_whatever_the_secret_offset(marks, told, quantity, data):
    steps = progress.edges(marks, told)
    offset = data.draw(st.integers(0, progress.width(steps) - 1))
    step = progress.step_of(quantity, steps, offset=offset)
    assert step.at_least <= quantity
    assert step.below is None or quantity < step.below


@given(MARKS, TOLD, st.integers(0, 6000), st.data())
def test_who_knows_all_others_learns_a_quantity_to_within_a_step(marks, told, rival, data):
    """Dealers in league may vary their own orders at will: another world with another rival shows them the same."""
    steps = progress.edges(marks, told)
    narrowest = progress.width(steps)
    offset = data.draw(st.integers(0, narrowest - 1))
    other = rival + data.draw(st.integers(-offset, narrowest - 1 - offset))
    probes = data.draw(st.lists(st.integers(narrowest, 6000), max_size=20))
    for league in probes:
        here = progress.step_of(league + rival, steps, offset=offset)
        there = progress.step_of(league + other, steps, offset=offset + other - rival)
        assert here == there


@given(st.integers(0, 2000), st.integers(0, 500), st.integers(0, 24))
def test_the_outlook_promises_no_price_that_the_pool_does_not_reach(others, own, offset):
    step = progress.step_of(others, progress.edges([100, 1000], Disclosure()), offset=offset)
    told = progress.outlook(step, own, TABLE)
    real = choose(TABLE, others + own)
    assert told.unit_price is None or told.unit_price >= real.unit_price
    if told.units_to_next is not None:
        assert choose(TABLE, others + own + told.units_to_next).unit_price <= told.next_unit_price


@pytest.mark.parametrize(
    ("step", "own", "ceiling", "word"),
    [
        (Step(75, 125), 30, "8", progress.REACHED),
        (Step(75, 125), 5, "8", progress.POSSIBLE),
        (Step(0, 50), 20, "8", progress.NOT_YET),
        (Step(0, 50), 20, "10", progress.REACHED),
        (Step(0, 50), 0, "10", progress.POSSIBLE),
        (Step(1000, None), 0, "5", progress.NOT_YET),
    ],
)
def test_a_ceiling_is_told_in_a_word(step, own, ceiling, word):
    assert progress.ceiling(step, own, TABLE, Decimal(ceiling)) == word


@given(st.integers(0, 2000), st.integers(0, 500), st.integers(1, 12), st.integers(0, 24))
def test_a_ceiling_is_never_called_reached_when_it_is_not(others, own, ceiling, offset):
    step = progress.step_of(others, progress.edges([100, 1000], Disclosure()), offset=offset)
    real = choose(TABLE, others + own)
    reached = real is not None and real.unit_price <= ceiling
    word = progress.ceiling(step, own, TABLE, Decimal(ceiling))
    assert reached or word != progress.REACHED
    assert not reached or word != progress.NOT_YET


@pytest.mark.parametrize(
    "told", [{"fewest_dealers": 1}, {"every_minutes": 0}, {"parts": 0}, {"least_step": 0}]
)
def test_a_disclosure_that_tells_on_somebody_is_refused(told):
    with pytest.raises(ValueError, match="progress"):
        Disclosure(**told)


@given(st.lists(st.integers(1, 60), max_size=12, unique=True), st.integers(1, 20), st.integers(0, 80))
def test_breaks_told_of_a_pool_measure_it_no_finer_than_declared(quantities, least_step, pooled):
    table = [Break(quantity, Decimal(100 - quantity)) for quantity in sorted(quantities)]
    kept = progress.apart(table, least_step)
    assert all(high.min_quantity - low.min_quantity >= least_step for low, high in pairwise(kept))
    assert set(kept) <= set(table)
    assert kept[:1] == tuple(table[:1])
    if (reached := choose(kept, pooled)) is not None:
        assert reached.min_quantity <= pooled
