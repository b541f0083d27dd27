"""Editing against closing against cancelling, and two answers at once, each in a thread of its own."""

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.errors import DomainError
from b2b.db import invariants
from orders.models import (
    Order,
    OrderChange,
    OrderLine,
    OrderResponse,
    Peg,
    PurchaseOrder,
    PurchaseOrderChange,
)
from orders.policies.order_change import LineEdit
from orders.services import order, order_change, order_restating, purchase_order, purchase_order_change
from orders.services.purchase_order_response import Answer, StaleResponse
from tests.factories import orders as made
from tests.orders.concurrency.test_closing import LATER, close, in_parallel

PLATFORM = system("test")


@pytest.fixture
def pool(committed_db):
    with acting_as(PLATFORM):
        market = made.trade(products=2, dealers=3)
        cycle = made.cycle(market)
        orders = [made.order(market, [10, 20], dealer=dealer) for dealer in range(3)]
        yield market, cycle, orders


def tried(call):
    def attempt():
        try:
            return call()
        except DomainError as error:
            return error

    return attempt


def edit(placed, quantity, line=1):
    return tried(lambda: order_change.change(placed, edits=[LineEdit(line, quantity)], by=PLATFORM, at=LATER))


def test_edit_close_and_cancel_at_once_leave_one_truth(pool):
    _, cycle, orders = pool
    in_parallel(
        lambda: close(cycle),
        edit(orders[0], 4),
        edit(orders[0], 25, line=2),
        tried(lambda: order.cancel(orders[1], by=PLATFORM, at=LATER)),
        edit(orders[2], 0),
    )
    assert not invariants.check()
    bought = sum(PurchaseOrder.objects.get().lines.values_list("quantity", flat=True))
    assert bought == sum(Peg.objects.values_list("pegged", flat=True))
    for line in OrderLine.objects.filter(order__status="CONFIRMED"):
        assert line.requested - line.cancelled >= line.pooled + line.covered


def test_of_two_edits_of_one_version_one_is_made(pool):
    _, _, orders = pool
    version = Order.objects.get(pk=orders[0].pk).version
    edits = [
        tried(
            lambda units=units: order_change.change(
                orders[0], edits=[LineEdit(1, units)], version=version, by=PLATFORM, at=made.NOW
            )
        )
        for units in (3, 4)
    ]
    with clock.travel(made.NOW):
        answers = [attempt() for attempt in edits]
    assert sum(isinstance(one, order_change.VersionChanged) for one in answers) == 1
    assert OrderChange.objects.count() == 1


def test_of_two_answers_of_one_version_one_is_taken(pool):
    _market, cycle, _ = pool
    in_parallel(lambda: close(cycle))
    placed = PurchaseOrder.objects.get()
    answers = in_parallel(
        *(
            tried(
                lambda units=units: purchase_order.respond(
                    placed, answers=[Answer(1, units)], response_version=1, by=PLATFORM, at=LATER
                )
            )
            for units in (5, 6, 7)
        )
    )
    assert sum(isinstance(one, OrderResponse) for one in answers) == 1
    assert sum(isinstance(one, StaleResponse) for one in answers) == 2
    assert not invariants.check()


def test_a_factory_that_answers_while_dealers_edit_does_not_lock_them_out(pool):
    _, cycle, orders = pool
    in_parallel(lambda: close(cycle))
    placed = PurchaseOrder.objects.get()
    in_parallel(
        tried(lambda: purchase_order.respond(placed, answers=[Answer(1, 12)], by=PLATFORM, at=LATER)),
        *(edit(one, 2) for one in orders),
        *(edit(one, 5, line=2) for one in orders),
    )
    asked = list(PurchaseOrderChange.objects.filter(status="REQUESTED"))
    in_parallel(
        *(
            tried(lambda one=one: purchase_order_change.answer(one, is_accepted=True, by=PLATFORM, at=LATER))
            for one in asked
        )
    )
    assert not invariants.check()


def test_a_crash_in_the_middle_of_a_change_leaves_nothing(pool, monkeypatch):
    _, cycle, orders = pool
    in_parallel(lambda: close(cycle))
    before = list(Peg.objects.order_by("pk").values())

    def crash(*args, **kwargs):
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(order_restating, "sum_up", crash)
        with pytest.raises(SystemExit):
            order_change.change(orders[0], edits=[LineEdit(1, 0)], by=PLATFORM, at=LATER)
    assert list(Peg.objects.order_by("pk").values()) == before
    assert not OrderChange.objects.exists()
    assert not PurchaseOrderChange.objects.exists()
    assert not invariants.check()
