from hypothesis import given
from hypothesis import strategies as st

from warehousing.policies.picking_path import Stop, s_shape
from warehousing.policies.tolerance import most

stops = st.lists(
    st.builds(
        Stop,
        key=st.integers(),
        aisle=st.integers(0, 4),
        bay=st.integers(0, 9),
        code=st.text("AB", max_size=1),
    ),
    unique_by=lambda stop: stop.key,
)


@given(stops)
def test_every_stop_once_and_every_aisle_in_one_go(given_stops: list[Stop]) -> None:
    by_key = {stop.key: stop for stop in given_stops}
    path = s_shape(given_stops)
    assert sorted(path) == sorted(by_key)
    aisles = [by_key[key].aisle for key in path]
    assert aisles == sorted(aisles)
    for turn, aisle in enumerate(sorted(set(aisles))):
        bays = [by_key[key].bay for key in path if by_key[key].aisle == aisle]
        assert bays == sorted(bays, reverse=turn % 2 == 1)


@given(stops)
def test_the_order_of_asking_does_not_matter(given_stops: list[Stop]) -> None:
    assert s_shape(given_stops) == s_shape(reversed(given_stops))


@given(st.integers(0, 10**9), st.integers(0, 100))
def test_tolerance_never_takes_less_than_advised_nor_a_unit_more_than_allowed(
    expected: int, percent: int
) -> None:
    allowed = most(expected, percent)
    assert expected <= allowed
    assert (allowed - expected) * 100 <= expected * percent < (allowed - expected + 1) * 100
