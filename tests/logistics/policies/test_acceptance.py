"""Nothing shipped is left unsaid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.policies.acceptance import NotAccountedFor, NothingAccepted, Outcome, settle

shipments = st.dictionaries(st.integers(1, 9), st.integers(1, 1000), min_size=1)


@given(shipments, st.data())
def test_accepted_plus_short_is_shipped(shipped, data):
    told = [
        Outcome(number, **{side: data.draw(st.integers(0, quantity))})
        for number, quantity in shipped.items()
        if (side := data.draw(st.sampled_from(["", "accepted_quantity", "short_quantity"])))
    ]
    try:
        taken = settle(shipped, told)
    except NothingAccepted:
        assert len(told) == len(shipped)
        return
    assert {number: line.accepted_quantity + line.short_quantity for number, line in taken.items()} == shipped
    assert all(line.accepted_quantity >= 0 and line.short_quantity >= 0 for line in taken.values())


@given(shipments, st.integers(1, 10**6))
def test_more_than_shipped_is_refused(shipped, more):
    number = min(shipped)
    for outcome in (
        Outcome(number, accepted_quantity=shipped[number] + more),
        Outcome(number, short_quantity=shipped[number] + more),
    ):
        with pytest.raises(NotAccountedFor):
            settle(shipped, [outcome])


def test_a_line_named_twice_is_refused():
    with pytest.raises(NotAccountedFor):
        settle({1: 5}, [Outcome(1, accepted_quantity=5), Outcome(1, accepted_quantity=4)])
