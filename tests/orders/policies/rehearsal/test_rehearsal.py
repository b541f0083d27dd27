"""A market is played exactly: nothing is made of nothing, nothing is lost, and a rule gets what it ordered in time."""

from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.policies import buffer
from orders.policies.rehearsal import comparison, play
from orders.policies.rehearsal.market import Factory, Market, Shelf
from orders.policies.rehearsal.rules import OrderByOrder, ReorderPoint, Signals
from tests.support.examples import examples

DAYS = 70


def market(demand, *, lead=5, capacity=10**6, minimum=1, multiple=1, known=56, transit=2):
    demand = np.asarray(demand, dtype=np.int64)
    products = demand.shape[2]
    return Market(
        demand, np.full(products, lead), np.full(products, minimum), np.full(products, multiple),
        np.full(products, capacity), transit, known,
    )  # fmt: skip


def steady(quantity=4, places=3, products=2, days=56 + DAYS):
    return np.full((days, places, products), quantity)


@dataclass
class Scripted:
    """Orders what it is told, day by day."""

    orders: dict[int, int]
    seen: list[int] = field(default_factory=list)

    def start(self, market, sold):
        return np.zeros((1, 1), dtype=np.int64)

    def order(self, market, day, sold, position):
        self.seen.append(int(position[0, 0]))
        return np.array([[self.orders.get(day, 0)]])


@given(
    st.lists(st.lists(st.integers(0, 40), min_size=6, max_size=6), min_size=5, max_size=20),
    st.integers(1, 30),
    st.integers(1, 4),
)
@settings(max_examples=examples(50), deadline=None)
def test_a_factory_delivers_all_that_was_ordered_in_time_within_its_capacity(orders, capacity, lead):
    wanted = np.array(orders).reshape(len(orders), 3, 2)
    played = market(np.zeros((57, 3, 2)), lead=lead, capacity=capacity)
    factory, came = Factory(played, 3), []
    for day in range(len(wanted) + lead + 200):
        came.append(factory.deliver(day))
        assert (came[-1] >= 0).all()
        assert (came[-1].sum(axis=0) <= capacity).all()
        # Nothing comes before its lead time is over.
        known = wanted[: max(0, day - lead + 1)].sum(axis=0)
        assert (np.sum(came, axis=0) <= known).all()
        if day < len(wanted):
            factory.order(day, wanted[day])
    if capacity >= 30:
        assert (np.sum(came, axis=0) == wanted.sum(axis=0)).all()


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30))
def test_a_shelf_owes_what_it_could_not_give_and_gives_it_first(moves):
    shelf, given_, wanted_ = Shelf.of(np.array([[10]])), 0, 0
    for came, wanted in moves:
        shelf.on_order += came
        shelf.receive(np.array([[came]]))
        now = shelf.sell(np.array([[wanted]]))
        given_, wanted_ = given_ + int(now[0, 0]), wanted_ + wanted
        assert shelf.on_hand[0, 0] >= 0
        assert shelf.on_hand[0, 0] == 0 or shelf.owed[0, 0] == 0
    assert int(shelf.on_hand[0, 0]) + wanted_ - int(shelf.owed[0, 0]) == 10 + sum(came for came, _ in moves)


def test_what_is_ordered_comes_after_the_lead_time_and_is_measured():
    demand = np.zeros((56 + 28 + 14, 1, 1))
    demand[56 + 28 :] = 2
    rule = Scripted({56: 7, 56 + 20: 21})
    found = play.alone(market(demand, lead=3), rule)
    # 28 units come before anything is wanted: all of it is given at once.
    assert found.service == 1
    assert rule.seen[:5] == [0, 7, 7, 7, 7]
    assert found.weekly_demand == (14, 14)
    assert found.stock == pytest.approx(np.mean([28 - 2 * day for day in range(1, 15)]))


@pytest.mark.parametrize("rule", [OrderByOrder(), ReorderPoint(cycle_days=7)])
def test_steady_demand_is_always_given_by_every_rule(rule):
    found = play.direct(market(steady()), rule)
    assert found.service == 1
    assert sum(found.weekly_orders) == pytest.approx(sum(found.weekly_demand), rel=0.15)


def test_steady_demand_is_always_given_from_a_buffer_too():
    profile = buffer.Profile(Decimal("0.5"), Decimal("0.5"), 1)
    found = play.pooled(market(steady()), Signals([profile] * 2))
    assert found.service == 1
    assert found.weekly_demand == (4 * 3 * 2 * 7,) * len(found.weekly_demand)


def test_the_same_market_is_played_the_same_and_another_seed_is_another():
    one, same, other = (comparison.made_up(days=28, places=2, products=2, seed=seed) for seed in (3, 3, 4))
    assert (one.demand == same.demand).all()
    assert (one.demand != other.demand).any()
    first, second = comparison.compare(one), comparison.compare(same)
    assert comparison.written(first) == comparison.written(second)
    assert comparison.read(comparison.written(first)) == first


def test_better_says_which_way():
    low = play.Outcome(0.9, 100, 10.0, 2.0, (1,), (1,))
    high = play.Outcome(0.95, 50, 5.0, 1.0, (1,), (1,))
    assert comparison.better(high, low) == {
        "service": pytest.approx(0.05), "stock_days": 5.0, "bullwhip": 0.5,
    }  # fmt: skip


def test_signals_beat_reorder_points_on_stock_and_variance_on_a_small_market():
    found = comparison.compare(comparison.made_up(days=56, places=12, products=2, seed=7))
    beside = comparison.better(found["signals"], found["reorder point"])
    assert beside["stock_days"] > 0
    assert beside["bullwhip"] > 0
