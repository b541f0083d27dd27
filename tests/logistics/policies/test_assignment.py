"""Loads go to vehicles one to one: as many as can be, in the least time; checked against trying everything."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from logistics.policies.assignment import assign

COSTS = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(10, 14)), st.integers(0, 50), max_size=20)


def brute_force(costs, loads, vehicles):
    """Return (loads served, cost) of the best assignment by trying all of them."""
    places = [*vehicles, *[None] * len(loads)]
    found = set()
    for chosen in permutations(places, len(loads)):
        served = [pair for pair in zip(loads, chosen, strict=True) if pair in costs]
        found.add((-len(served), sum(costs[pair] for pair in served)))
    return min(found)


@given(COSTS)
def test_it_is_as_good_as_trying_everything(costs):
    loads = sorted({load for load, _ in costs})
    vehicles = sorted({vehicle for _, vehicle in costs})
    made = assign(costs, loads, vehicles)
    assert len(set(made.values())) == len(made)
    assert all(pair in costs for pair in made.items())
    cost = sum(costs[pair] for pair in made.items())
    if loads:
        assert (-len(made), cost) == brute_force(costs, loads, vehicles)


def test_nearest_first_is_not_best():
    """Load 1 would take the vehicle that load 2 alone can have."""
    costs = {(1, 10): 1, (1, 11): 2, (2, 10): 3}
    assert assign(costs, [1, 2], [10, 11]) == {1: 11, 2: 10}


def test_nothing_to_assign():
    assert assign({}, [], [1]) == {}
    assert assign({}, [1], []) == {}
    assert assign({}, [1], [2]) == {}
