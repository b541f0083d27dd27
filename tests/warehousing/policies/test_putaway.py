from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from warehousing.policies.putaway import Goods, Place, Put, Rule, choose, misfit, room

limits = st.none() | st.integers(0, 300)
temperatures = st.sampled_from(["AMBIENT", "CHILLED"])
goods_ = st.builds(
    Goods,
    key=st.integers(0, 10**6),
    product_id=st.integers(1, 3),
    quantity=st.integers(1, 50),
    lot_id=st.none() | st.integers(1, 2),
    category=st.sampled_from(["", "tools"]),
    temperature=temperatures,
    volume_cm3=st.integers(0, 9),
    weight_g=st.integers(0, 9),
)
pairs = st.frozensets(st.tuples(st.integers(1, 3), st.none() | st.integers(1, 2)), max_size=2)
places_ = st.builds(
    Place,
    key=st.integers(1, 50),
    walk=st.tuples(st.integers(0, 5)),
    zone=st.sampled_from(["", "A", "B"]),
    temperature=temperatures,
    units_left=limits,
    volume_left=limits,
    weight_left=limits,
    holds=pairs,
)
rules_ = st.builds(
    Rule,
    priority=st.integers(0, 9),
    product_id=st.none() | st.integers(1, 3),
    category=st.sampled_from(["", "tools"]),
    place=st.none() | st.integers(1, 50),
    zone=st.sampled_from(["", "A", "B", "C"]),
    only_own_lot=st.booleans(),
)
items = st.lists(goods_, max_size=12, unique_by=lambda one: one.key)
shelves = st.lists(places_, max_size=8, unique_by=lambda one: one.key)


@given(items, shelves, st.lists(rules_, max_size=4))
def test_every_unit_is_put_once_within_capacity_and_temperature(
    wanted: list[Goods], places: list[Place], rules: list[Rule]
) -> None:
    before = deepcopy(places)
    by_key = {one.key: one for one in wanted}
    puts = choose(wanted, places, rules)
    for item in wanted:
        assert sum(put.quantity for put in puts if put.goods == item.key) == item.quantity
    for place in before:
        here = [(by_key[put.goods], put.quantity) for put in puts if put.place == place.key]
        assert all(item.temperature == place.temperature for item, _ in here)
        assert place.units_left is None or sum(q for _, q in here) <= place.units_left
        assert place.volume_left is None or sum(i.volume_cm3 * q for i, q in here) <= place.volume_left
        assert place.weight_left is None or sum(i.weight_g * q for i, q in here) <= place.weight_left


@given(items, shelves, st.lists(rules_, max_size=4))
def test_nothing_is_left_while_a_place_has_room(
    wanted: list[Goods], places: list[Place], rules: list[Rule]
) -> None:
    by_key = {one.key: one for one in wanted}
    after = deepcopy(places)
    for put in choose(wanted, after, rules):
        if put.place is None:
            item = by_key[put.goods]
            # `after` holds what is left once everything is put.
            assert all(room(place, item) == 0 for place in after if place.temperature == item.temperature)


def test_a_fixed_place_then_the_zone_then_anywhere() -> None:
    places = [
        Place(1, (1,), "A", units_left=5),
        Place(2, (2,), "B", units_left=5),
        Place(3, (3,), "B", units_left=5),
    ]
    rules = [Rule(1, product_id=7, place=3), Rule(2, product_id=7, zone="B")]
    assert choose([Goods(9, 7, 12)], places, rules) == [Put(9, 3, 5), Put(9, 2, 5), Put(9, 1, 2)]


def test_own_lot_before_own_product_before_empty() -> None:
    places = [
        Place(1, (1,), units_left=4),
        Place(2, (2,), units_left=4, holds=frozenset({(7, 2)})),
        Place(3, (3,), units_left=4, holds=frozenset({(7, 1)})),
        Place(4, (4,), units_left=4, holds=frozenset({(8, None)})),
    ]
    assert [put.place for put in choose([Goods(9, 7, 16, lot_id=1)], places, [])] == [3, 2, 1, 4]


def test_a_place_of_one_lot_takes_no_other() -> None:
    places = [
        Place(1, (1,), "A", units_left=9, holds=frozenset({(7, 2)})),
        Place(2, (2,), "A", units_left=9, holds=frozenset({(7, 1)})),
        Place(3, (3,), "A", units_left=9),
    ]
    rules = [Rule(1, zone="A", only_own_lot=True)]
    assert [put.place for put in choose([Goods(9, 7, 20, lot_id=1)], places, rules)] == [2, 3, 1]


def test_a_person_may_choose_what_fits() -> None:
    goods = Goods(1, 7, 5, volume_cm3=10)
    assert misfit(Place(1), goods, 5) == ""
    assert "room for 4 of 5" in misfit(Place(1, volume_left=40), goods, 5)
    assert "chilled" in misfit(Place(1, temperature="CHILLED"), goods, 5)


def test_ten_thousand_lots_find_their_places_in_one_walk() -> None:
    places = [Place(key, (key,), units_left=40) for key in range(1, 10_001)]
    wanted = [Goods(key, key % 500, 40, lot_id=key) for key in range(10_000)]
    puts = choose(wanted, places, [])
    assert len(puts) == 10_000
    assert all(put.place is not None for put in puts)
