"""Each unit that comes back is traced to one shipment and at most one peg, and to no more than they brought."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.policies.returns import WINDOW_DAYS, Drop, Reason, Source, is_in_time, returnable, trace

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
amounts = st.integers(0, 50)
drops = st.lists(st.tuples(st.integers(0, 60), amounts, amounts), max_size=5).map(
    lambda rows: [
        Drop(UUID(int=number), NOW - timedelta(days=days), delivered, taken)
        for number, (days, delivered, taken) in enumerate(rows)
    ]
)
sources = st.lists(st.tuples(amounts, amounts), max_size=5).map(
    lambda rows: [Source(number, received, taken) for number, (received, taken) in enumerate(rows, 1)]
)


@given(drops, sources, st.data())
def test_a_trace_keeps_its_promise(drops: list[Drop], sources: list[Source], data: st.DataObject) -> None:
    most = returnable(drops, NOW)
    wanted = data.draw(st.integers(0, most))
    origins = trace(wanted, drops, sources, NOW)
    assert sum(origin.quantity for origin in origins) == wanted
    assert all(origin.quantity > 0 for origin in origins)
    by_drop: Counter[UUID] = Counter()
    by_peg: Counter[int | None] = Counter()
    for origin in origins:
        by_drop[origin.shipment_id] += origin.quantity
        by_peg[origin.peg_id] += origin.quantity
        assert is_in_time(origin.delivered_at, NOW)
    assert all(by_drop[drop.shipment_id] <= drop.left for drop in drops)
    assert all(by_peg[source.peg_id] <= source.left for source in sources)
    supply = sum(source.left for source in sources)
    assert by_peg[None] == max(0, wanted - supply), "only what no peg gave is from stock"


@given(drops, sources)
def test_more_than_is_returnable_is_refused(drops: list[Drop], sources: list[Source]) -> None:
    with pytest.raises(ValueError, match="more than may be returned"):
        trace(returnable(drops, NOW) + 1, drops, sources, NOW)


def test_the_latest_delivery_comes_back_first_and_the_last_day_counts() -> None:
    old, new = (
        Drop(UUID(int=number), NOW - timedelta(days=days), 5) for number, days in ((1, WINDOW_DAYS), (2, 1))
    )
    assert [origin.shipment_id for origin in trace(7, [old, new], [], NOW)] == [
        new.shipment_id,
        old.shipment_id,
    ]
    assert returnable([old], NOW + timedelta(seconds=1)) == 0


def test_a_defect_is_what_somebody_else_is_at_fault_for() -> None:
    assert {reason for reason in Reason if reason.is_defect} == {Reason.DAMAGED, Reason.WRONG, Reason.QUALITY}
