from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from warehousing.policies.rotation import FIFO, LIFO, Supply, Want, assign, in_rotation

START = datetime(2026, 1, 1, tzinfo=UTC)
products = st.integers(1, 3)
quantities = st.integers(0, 30)


@st.composite
def wants_of(draw: st.DrawFn) -> list[Want]:
    parts = draw(st.lists(st.tuples(products, quantities), max_size=12))
    return [Want(key, product, quantity) for key, (product, quantity) in enumerate(parts)]


@st.composite
def supplies_of(draw: st.DrawFn) -> list[Supply]:
    days = st.integers(0, 5)
    expiry = st.none() | days.map(lambda day: date(2026, 6, 1) + timedelta(days=day))
    parts = draw(st.lists(st.tuples(products, quantities, expiry, days), max_size=12))
    return [
        Supply(key, product, quantity, expires, START + timedelta(days=age))
        for key, (product, quantity, expires, age) in enumerate(parts)
    ]


@given(wants_of(), supplies_of())
def test_nobody_gets_and_nothing_gives_more_than_its_quantity(
    wants: list[Want], supplies: list[Supply]
) -> None:
    takes = assign(wants, supplies)
    for want in wants:
        assert sum(take.quantity for take in takes if take.want == want.key) <= want.quantity
    for supply in supplies:
        assert sum(take.quantity for take in takes if take.supply == supply.key) <= supply.quantity
    of_want = {want.key: want.product_id for want in wants}
    of_supply = {supply.key: supply.product_id for supply in supplies}
    assert all(take.quantity > 0 and of_want[take.want] == of_supply[take.supply] for take in takes)


@given(wants_of(), supplies_of())
def test_as_much_is_served_as_there_is(wants: list[Want], supplies: list[Supply]) -> None:
    takes = assign(wants, supplies)
    of_want = {want.key: want.product_id for want in wants}
    for product in {want.product_id for want in wants}:
        wanted = sum(want.quantity for want in wants if want.product_id == product)
        there = sum(supply.quantity for supply in supplies if supply.product_id == product)
        served = sum(take.quantity for take in takes if of_want[take.want] == product)
        assert served == min(wanted, there)


@given(wants_of(), supplies_of())
def test_a_later_supply_is_touched_only_when_the_earlier_are_empty(
    wants: list[Want], supplies: list[Supply]
) -> None:
    left = {supply.key: supply.quantity for supply in supplies}
    for take in assign(wants, supplies):
        shelf = [
            supply
            for supply in in_rotation(supplies)
            if supply.product_id == wants[take.want].product_id and left[supply.key]
        ]
        assert shelf[0].key == take.supply
        left[take.supply] -= take.quantity


@given(wants_of(), supplies_of())
def test_an_earlier_want_is_met_before_a_later_one(wants: list[Want], supplies: list[Supply]) -> None:
    served = {want.key: 0 for want in wants}
    for take in assign(wants, supplies):
        earlier = [
            want for want in wants if want.key < take.want and want.product_id == wants[take.want].product_id
        ]
        assert all(served[want.key] == want.quantity for want in earlier)
        served[take.want] += take.quantity


def test_what_expires_goes_before_what_does_not_and_by_age_where_so_ruled() -> None:
    soon, later = date(2026, 6, 1), date(2026, 7, 1)
    old, new = START, START + timedelta(days=1)
    there = [
        Supply(1, 1, 1, None, old),
        Supply(2, 1, 1, later, old),
        Supply(3, 1, 1, soon, new),
        Supply(4, 1, 1, soon, old),
    ]
    assert [supply.key for supply in in_rotation(there)] == [4, 3, 2, 1]
    assert [supply.key for supply in in_rotation(there, FIFO)] == [1, 2, 4, 3]
    assert [supply.key for supply in in_rotation(there, LIFO)] == [3, 1, 2, 4]


@given(wants_of(), supplies_of(), st.integers(0, 5))
def test_nobody_gets_goods_that_do_not_last_long_enough(
    wants: list[Want], supplies: list[Supply], day: int
) -> None:
    limit = date(2026, 6, 1) + timedelta(days=day)
    strict = [replace(want, not_before=limit) for want in wants]
    expiry = {supply.key: supply.expiry_date for supply in supplies}
    for take in assign(strict, supplies):
        assert (expiry[take.supply] or date.max) >= limit
