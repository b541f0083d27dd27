"""The story of an order tells what its factories promise, whenever that changes, in whatever order it is heard."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from b2b.contracts.orders import Allocation, PromisedLine, SupplyAllocated
from b2b.core.actor import Actor, acting_as, system
from b2b.core.ids import uuid7
from b2b.tower import handlers
from b2b.tower.selectors import timeline

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DEALER = Actor(kind="dealer", organization_id=7)
RIVAL = Actor(kind="dealer", organization_id=8)
ORDER, RIVAL_ORDER, PURCHASE = uuid7(), uuid7(), uuid7()


def shared(version: int, quantity: int, *days: int, other: int = 5) -> SupplyAllocated:
    """What a version of a factory's answer gives two lines of the order, and a rival's; promised in March."""
    lines = ((1, 7, ORDER, quantity), (2, 7, ORDER, quantity), (3, 8, RIVAL_ORDER, other))
    return SupplyAllocated(
        occurred_at=NOON + timedelta(hours=version),
        purchase_order_id=PURCHASE,
        version=version,
        warehouse_site_id=2,
        allocations=tuple(
            Allocation(
                order_line_id=line,
                order_id=order,
                purchase_order_line_id=line,
                product_id=5,
                dealer_id=dealer,
                quantity=units,
            )
            for line, dealer, order, units in lines
        ),
        promised=tuple(
            PromisedLine(purchase_order_line_id=line, promised_date=date(2026, 3, day))
            for line, day in enumerate(days, 1)
        ),
    )


ANSWERS = (
    shared(1, 10, 9, 9),
    shared(2, 10, 9, 9, other=3),  # nothing new for this order
    shared(3, 10, 9, 16),
    shared(4, 0, 9, 16),
    shared(5, 10, 9, 16),
)


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 2, 0, 4, 1, 3, 0)])
def test_every_answer_that_changes_a_promise_is_told_once(order: tuple[int, ...]) -> None:
    with acting_as(system("test")):
        for index in order:
            handlers.note_allocated_supply(ANSWERS[index])
    with acting_as(DEALER):
        told = list(timeline.of_order(DEALER, ORDER).values_list("text", "quantity"))
        assert not timeline.of_order(DEALER, RIVAL_ORDER).exists()
    assert told == [
        ("Promised by the factory for 2026-03-09", 20),
        ("Promised by the factory for 2026-03-09 to 2026-03-16", 20),
        ("The factory promises nothing of it", 0),
        ("Promised by the factory for 2026-03-09 to 2026-03-16", 20),
    ]
    with acting_as(RIVAL):
        assert [step.quantity for step in timeline.of_order(RIVAL, RIVAL_ORDER)] == [5, 3, 5]


def test_a_promise_to_one_order_of_a_factory_says_nothing_of_another() -> None:
    first, second = shared(1, 10, 9, 9), shared(2, 10, 9, 9)
    with acting_as(system("test")):
        handlers.note_allocated_supply(first)
        handlers.note_allocated_supply(msgspec.structs.replace(second, purchase_order_id=uuid7()))
    with acting_as(DEALER):
        found = timeline.of_order(DEALER, ORDER).values_list("step", "quantity")
        assert list(found) == [("allocated", 20), ("allocated", 20)]
