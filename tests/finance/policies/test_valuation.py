"""Layers and averages agree with a plain model that keeps every unit, to the cent."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b.core.ids import uuid7
from finance.policies import valuation
from finance.policies.valuation import FIFO, MOVING_AVERAGE, Movement, Stock, Valued


def rounded(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


steps = st.lists(
    st.one_of(
        st.tuples(st.integers(1, 40), st.integers(0, 5_000)),
        st.tuples(st.integers(-40, -1), st.just(0)),
    ),
    min_size=1,
    max_size=30,
)


def run(steps: list[tuple[int, int]], method: str) -> tuple[Stock, list[Valued]]:
    stock = Stock()
    movements = [
        Movement(index, 1, quantity, method=method, worth=worth if quantity > 0 else None)
        for index, (quantity, worth) in enumerate(steps)
    ]
    valued = [one for _, one in valuation.run(movements, {1: stock}, {}, {}, {1: 1})]
    return stock, valued


def possible(steps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Let nothing go that is not there."""
    on_hand, kept = 0, []
    for quantity, worth in steps:
        if on_hand + quantity >= 0:
            on_hand += quantity
            kept.append((quantity, worth))
    return kept


@given(steps)
def test_first_in_first_out_is_what_units_cost_one_by_one(steps):
    """A layer's parts are each within half a minor unit of its units, and come to it exactly."""
    steps = possible(steps)
    stock, valued = run(steps, FIFO)
    queue: list[list[int]] = []  # quantity, worth, taken
    for (quantity, worth), got in zip(steps, valued, strict=True):
        if quantity > 0:
            queue.append([quantity, worth, 0])
            assert got.value == worth
            continue
        cost, wanted = 0, -quantity
        for layer in queue:
            part = min(wanted, layer[0] - layer[2])
            before = rounded(Fraction(layer[1] * layer[2], layer[0]))
            layer[2] += part
            cost += rounded(Fraction(layer[1] * layer[2], layer[0])) - before
            wanted -= part
        assert got.value == -cost
    assert stock.quantity == sum(quantity for quantity, _ in steps)
    assert stock.value == sum(one.value for one in valued)
    assert [(layer.quantity, layer.taken) for layer in stock.layers] == [
        (quantity, taken) for quantity, _, taken in queue if taken < quantity
    ]
    if not stock.quantity:
        assert stock.value == 0


@given(steps)
def test_the_average_is_what_units_cost_together(steps):
    """Between two receipts what has gone is within half a minor unit of its part of the average."""
    steps = possible(steps)
    stock, valued = run(steps, MOVING_AVERAGE)
    units: list[Fraction] = []
    gone, told = Fraction(0), 0
    for (quantity, worth), got in zip(steps, valued, strict=True):
        if quantity > 0:
            left = sum(units, gone - told) if units else Fraction(0)
            every = len(units) + quantity
            units = [Fraction(left + worth, every)] * every
            gone, told = Fraction(0), 0
            assert got.value == worth
        else:
            gone += sum(units[:-quantity], Fraction(0))
            units = units[-quantity:]
            assert got.value == -(rounded(gone) - told)
            told = rounded(gone)
    assert stock.value == sum(one.value for one in valued)
    assert len(stock.layers) <= 1
    if not stock.quantity:
        assert stock.value == 0


@given(steps, st.sampled_from([FIFO, MOVING_AVERAGE]))
def test_what_left_before_it_came_is_made_good_by_what_comes_next(steps, method):
    stock, valued = run(steps, method)
    worth = sum(worth for _, worth in steps)
    out = -sum(one.value for (quantity, _), one in zip(steps, valued, strict=True) if quantity < 0)
    assert stock.quantity == sum(quantity for quantity, _ in steps)
    assert stock.value + out + sum(one.absorbed for one in valued) == worth
    if stock.quantity <= 0:
        assert (stock.value, stock.layers) == (0, [])


def test_many_small_parts_of_a_cheap_layer_are_not_all_rounded_away():
    _, valued = run([(1_000, 400), *[(-1, 0)] * 500], FIFO)
    assert sum(one.value for one in valued[1:]) == -200


def test_a_method_that_changes_keeps_the_value():
    stock = Stock()
    movements = [
        Movement(1, 1, 10, worth=100),
        Movement(2, 1, 10, worth=201),
        Movement(3, 1, -5, method=MOVING_AVERAGE),
        Movement(4, 1, 5, method=FIFO, worth=500),
        Movement(5, 1, -15, method=FIFO),
        Movement(6, 1, -5, method=FIFO),
    ]
    valued = [one.value for _, one in valuation.run(movements, {1: stock}, {}, {}, {1: 1})]
    assert valued == [100, 201, -75, 500, -226, -500]
    assert (stock.value, stock.quantity) == (0, 0)


def test_goods_brought_to_another_site_are_worth_there_what_they_were_worth_here():
    here, there, way = Stock(), Stock(), uuid7()
    movements = [
        Movement(1, 1, 3, worth=100),
        Movement(2, 1, -2, transfer=way),
        Movement(3, 2, 2, transfer=way),
    ]
    list(valuation.run(movements, {1: here, 2: there}, {}, {}, {1: 9, 2: 9}))
    assert (here.value, there.value) == (33, 67)


def test_goods_that_come_back_are_worth_what_they_cost_when_they_left():
    stock, shipment = Stock(), uuid7()
    movements = [
        Movement(1, 1, 3, worth=100),
        Movement(2, 1, -3, shipment=shipment),
        Movement(3, 1, 3, worth=900),
        Movement(4, 1, 1, shipment=shipment),
        Movement(5, 1, 2, shipment=shipment),
        Movement(6, 1, 1, shipment=shipment),
    ]
    valued = [one.value for _, one in valuation.run(movements, {1: stock}, {}, {}, {1: 9})]
    assert valued == [100, -100, 900, 33, 67, 167], (
        "the last never left with it: it is worth the present average"
    )


@pytest.mark.parametrize("method", [FIFO, MOVING_AVERAGE])
def test_found_goods_are_worth_the_present_rate_or_the_last(method):
    stock = Stock()
    movements = [
        Movement(1, 1, 2, method=method),
        Movement(2, 1, -2, method=method),
        Movement(3, 1, 4, worth=100, method=method),
        Movement(4, 1, -4, method=method),
        Movement(5, 1, 2, method=method),
    ]
    valued = [one.value for _, one in valuation.run(movements, {1: stock}, {}, {}, {1: 9})]
    assert valued == [0, 0, 100, -100, 50]
