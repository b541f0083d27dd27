"""Whatever happens to stock, the order in which it is told makes no difference to the books."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from b2b.core.actor import acting_as
from b2b.core.errors import NotYet
from b2b.core.ids import uuid7
from b2b.db import invariants
from finance.models import StockMovement, StockValue
from finance.services import stock_method
from finance.services import valuation as service
from tests.factories.finance import PLATFORM
from tests.factories.stock_value import Store, books, tell

pytestmark = pytest.mark.django_db
OURS = [name for name in invariants.INVARIANTS if name.startswith("finance.")]


@pytest.fixture(autouse=True)
def _as_platform(db):
    with acting_as(PLATFORM):
        yield


happenings = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), st.integers(1, 30), st.integers(0, 2)),
        st.tuples(st.just("issue"), st.integers(1, 30), st.integers(0, 2)),
        st.tuples(st.just("return"), st.integers(1, 30), st.integers(0, 2)),
        st.tuples(st.just("transfer"), st.integers(1, 30), st.just(0)),
        st.tuples(st.just("count"), st.integers(1, 9), st.just(0)),
        st.tuples(st.just("reverse"), st.just(1), st.integers(0, 30)),
        st.tuples(st.just("reprice"), st.integers(1, 99), st.integers(0, 2)),
    ),
    min_size=3,
    max_size=14,
)


def lived(store: Store, happenings: list[tuple[str, int, int]]) -> list[Any]:
    """Return what is told when these things happen, as far as they can."""
    orders = [store.placed(price) for price in ("1.1111", "2.5", "0.3337")]
    shipments = [uuid7() for _ in range(3)]
    on_hand, events, versions = 0, list(orders), Counter()
    single: list[Any] = []
    for what, number, which in happenings:
        made = None
        if what == "receive":
            made, on_hand = store.received(number, orders[which]), on_hand + number
        elif what == "issue" and on_hand >= number:
            made, on_hand = store.issued(number, shipment_id=shipments[which]), on_hand - number
        elif what == "return":
            made, on_hand = store.back(number, shipments[which]), on_hand + number
        elif what == "count":
            made, on_hand = store.moved(number, "COUNT"), on_hand + number
        elif what == "transfer" and on_hand >= number:
            events.append(store.moved(number, "TRANSFER", there=store.branch))
            on_hand -= number
        elif what == "reverse" and single:
            moved = single.pop(which % len(single))
            [line] = moved.lines
            if on_hand >= line.quantity:
                made, on_hand = store.reversed(moved), on_hand - line.quantity
        elif what == "reprice":
            versions[which] += 1
            events.append(store.repriced(orders[which], f"{number}.07", version=versions[which]))
        if made is not None:
            events.append(made)
            single.append(made)
    return events


def outcome(store: Store) -> tuple[Any, ...]:
    stocks = StockValue.objects.filter(product=store.product).order_by("warehouse_site")
    rows = StockMovement.objects.filter(product=store.product).order_by("position", "quantity")
    return (
        [
            (one.quantity, one.value, one.layer_quantities, one.layer_values, one.layer_taken)
            for one in stocks
        ],
        [(one.value, one.absorbed, one.extra) for one in rows],
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(happenings, st.randoms(use_true_random=False), st.sampled_from(["FIFO", "MOVING_AVERAGE"]))
def test_facts_late_twice_or_in_any_order_end_in_the_same_books(happenings, chance, method):
    """Beside the same facts told in order, each once."""
    ends = []
    service.CHECKPOINT_EVERY, every = 2, service.CHECKPOINT_EVERY
    try:
        for shuffled in (False, True):
            store = Store.build()
            stock_method.declare(
                method=method, product_id=store.product.pk, reason="test", by=PLATFORM, at=store.at
            )
            before = books()
            events = lived(store, happenings)
            if shuffled:
                events += [chance.choice(events) for _ in range(3)]
                chance.shuffle(events)
            _tell_until_done(events)
            change = books()
            change.subtract(before)
            ends.append((outcome(store), {name: amount for name, amount in change.items() if amount}))
    finally:
        service.CHECKPOINT_EVERY = every
    assert ends[0] == ends[1]
    assert invariants.check(OURS) == []


def _tell_until_done(events: list[Any]) -> None:
    waiting = events
    while waiting:
        late = []
        for event in waiting:
            try:
                tell(event)
            except NotYet:
                late.append(event)
        assert len(late) < len(waiting)
        waiting = late
