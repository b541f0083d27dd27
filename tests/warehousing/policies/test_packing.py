from hypothesis import given
from hypothesis import strategies as st

from warehousing.policies.packing import Goods, pack

goods = st.builds(
    Goods,
    key=st.integers(),
    quantity=st.integers(0, 200),
    weight_g=st.integers(0, 60),
    volume_cm3=st.integers(0, 60),
)
items = st.lists(goods, max_size=8, unique_by=lambda item: item.key)
limits = st.integers(1, 100)


@given(items, limits, limits)
def test_every_unit_is_packed_once(given_items: list[Goods], weight: int, volume: int) -> None:
    packed: dict[int, int] = {}
    for load in pack(given_items, weight_g=weight, volume_cm3=volume):
        for key, quantity in load.parts:
            assert quantity > 0
            packed[key] = packed.get(key, 0) + quantity
    assert packed == {item.key: item.quantity for item in given_items if item.quantity}


@given(items, limits, limits)
def test_a_package_keeps_the_limits_unless_one_unit_alone_does_not(
    given_items: list[Goods], weight: int, volume: int
) -> None:
    by_key = {item.key: item for item in given_items}
    for load in pack(given_items, weight_g=weight, volume_cm3=volume):
        assert load.weight_g == sum(by_key[key].weight_g * quantity for key, quantity in load.parts)
        assert load.volume_cm3 == sum(by_key[key].volume_cm3 * quantity for key, quantity in load.parts)
        assert load.parts
        if load.weight_g > weight or load.volume_cm3 > volume:
            assert [quantity for _, quantity in load.parts] == [1]


@given(items)
def test_what_fits_into_one_package_is_in_one(given_items: list[Goods]) -> None:
    loads = pack(given_items, weight_g=10**9, volume_cm3=10**9)
    assert len(loads) == (1 if any(item.quantity for item in given_items) else 0)
