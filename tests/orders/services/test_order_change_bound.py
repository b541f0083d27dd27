"""After the cut-off, what a dealer gives up is absorbed or asked of the factory."""

from datetime import timedelta
from decimal import Decimal

import pytest

from b2b.contracts.order_changes import PurchaseOrderChanged, PurchaseOrderChangeRequested
from b2b.contracts.orders import SupplyAllocated
from b2b.core.errors import Forbidden
from b2b.core.ids import uuid7
from b2b.core.machine import IllegalTransition
from orders.models import (
    CancellationRequest,
    Peg,
    PurchaseOrderChange,
)
from orders.policies.order_change import LineEdit
from orders.services import fulfilment, purchase_order, purchase_order_change
from orders.services.order_change import InvalidChange
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.orders.services.steps import LATER, carried, close, edit, lines_of, send, take_in, told

pytestmark = pytest.mark.django_db


def bought(wanted=(25, 35, 40), multiple=1, moq=1, **policy):
    market = made.trade(dealers=len(wanted), breaks=((1, "10"),), moq=moq, multiple=multiple)
    cycle = made.cycle(market, policy=policy or None)
    orders = [made.order(market, [one], dealer=index) for index, one in enumerate(wanted)]
    return market, orders, close(cycle)


def test_what_is_given_up_after_the_cutoff_goes_to_a_dealer_who_waits():
    market, orders, _placed = bought()
    late = made.order(market, [15], dealer=1, at=LATER)
    edit(market, orders[0], LineEdit(1, 5), at=LATER)
    [mine], [waiting] = lines_of(orders[0]), lines_of(late)
    assert (mine.cancelled, mine.pooled, mine.net_amount) == (15, 10, 100)
    assert (waiting.pooled, waiting.unpooled) == (15, 0)
    # What nobody waits for is asked of the factory, and owed so long.
    [change] = PurchaseOrderChange.objects.all()
    assert (change.status, change.requests.get().quantity) == ("REQUESTED", 5)


def test_what_the_factory_sells_no_less_of_is_platform_stock():
    market, orders, placed = bought(wanted=(30, 60), multiple=24, moq=48)
    assert placed.lines.get().quantity == 96
    edit(market, orders[0], LineEdit(1, 0), at=LATER)
    [line] = lines_of(orders[0])
    assert (line.cancelled, line.pooled) == (6, 24)
    assert CancellationRequest.objects.get().quantity == 24
    assert Peg.objects.get(order_line=None).pegged == 6 + 6
    event = told(PurchaseOrderChangeRequested)[0]
    assert [(part.from_quantity, part.to_quantity) for part in event.lines] == [(96, 72)]
    assert (orders[0].status, orders[0].total_net) == ("CONFIRMED", 240)


@pytest.mark.parametrize("is_answered", [False, True])
def test_a_factory_that_agrees_makes_less_and_the_order_follows(credit_book, is_answered):
    market, orders, placed = bought()
    if is_answered:
        purchase_order.respond(placed, by=market.factory_actor, at=LATER)
    edit(market, orders[0], LineEdit(1, 5), at=LATER)
    assert lines_of(orders[0])[0].cancelled == 0
    [change] = PurchaseOrderChange.objects.all()
    with pytest.raises(Forbidden):
        purchase_order_change.answer(change, is_accepted=True, by=made.trade().factory_actor, at=LATER)
    purchase_order_change.answer(change, is_accepted=True, by=market.factory_actor, at=LATER)
    [line] = lines_of(orders[0])
    orders[0].refresh_from_db()
    assert (line.cancelled, line.pooled, line.net_amount, orders[0].total_net) == (20, 5, 50, 50)
    assert credit_book.held[orders[0].pk].amount == orders[0].total_gross
    purchase = placed.lines.get()
    assert (purchase.quantity, purchase.net_amount) == (80, 800)
    assert told(PurchaseOrderChanged)[-1].lines[0].quantity == 80
    if is_answered:
        assert purchase.confirmed == 80
        assert [part.quantity for part in told(SupplyAllocated)[-1].allocations] == [5, 35, 40]
    with pytest.raises(IllegalTransition):
        purchase_order_change.answer(change, is_accepted=False, by=market.factory_actor, at=LATER)


def test_a_refused_request_leaves_the_dealer_what_it_ordered():
    market, orders, _placed = bought()
    edit(market, orders[0], LineEdit(1, 5), at=LATER)
    change = PurchaseOrderChange.objects.get()
    purchase_order_change.answer(change, is_accepted=False, by=market.factory_actor, at=LATER)
    [line] = lines_of(orders[0])
    assert (line.cancelled, line.pooled) == (0, 25)
    assert CancellationRequest.objects.get().status == "REFUSED"
    edit(market, orders[0], LineEdit(1, 10), at=LATER)
    assert PurchaseOrderChange.objects.filter(status="REQUESTED").count() == 1


def test_goods_on_their_way_are_not_asked_back():
    market, orders, placed = bought()
    purchase_order.respond(placed, by=market.factory_actor, at=LATER)
    edit(market, orders[0], LineEdit(1, 5), at=LATER)
    send(market, placed, 100)
    change = PurchaseOrderChange.objects.get()
    with pytest.raises(purchase_order_change.AlreadyDespatched):
        purchase_order_change.answer(change, is_accepted=True, by=market.factory_actor, at=LATER)
    edit(market, orders[1], LineEdit(1, 5), dealer=1, at=LATER)
    assert PurchaseOrderChange.objects.count() == 1
    assert Peg.objects.get(order_line=None).pegged == 30


def test_goods_that_came_are_given_up_last_and_go_on_to_who_waits():
    market, orders, placed = bought()
    purchase_order.respond(placed, by=market.factory_actor, at=LATER)
    send(market, placed, 60)
    take_in(placed, 60)
    late = made.order(market, [30], dealer=1, at=LATER)
    edit(market, orders[2], LineEdit(1, 10), dealer=2, at=LATER)
    [line], [other] = lines_of(orders[2]), lines_of(late)
    assert (line.allocated, line.received, line.cancelled) == (10, 10, 30)
    assert (other.allocated, other.received) == (30, 14)


def test_what_left_is_not_given_up():
    market, orders, placed = bought(wanted=(25,))
    purchase_order.respond(placed, by=market.factory_actor, at=LATER)
    send(market, placed, 25)
    take_in(placed, 25)
    fulfilment.note_departure([carried(orders[0].lines.get(), uuid7())], at=LATER)
    with pytest.raises(InvalidChange) as refused:
        edit(market, orders[0], LineEdit(1, 10), at=LATER)
    assert refused.value.problems[0].code == "already_shipped"


def test_more_after_the_cutoff_is_a_line_for_the_next_cycle():
    market, orders, _placed = bought()
    following = made.cycle(market, at=LATER, hours=48)
    edit(market, orders[0], LineEdit(1, 40), at=LATER)
    old, new = lines_of(orders[0])
    assert (old.quantity, new.quantity, new.cycle) == (25, 15, following)
    assert (orders[0].total_net, new.line_number) == (400, 2)


def test_the_rule_of_the_cycle_keeps_everything():
    market, orders, placed = bought(given_up="stock")
    edit(market, orders[0], LineEdit(1, 0), at=LATER)
    orders[0].refresh_from_db()
    assert orders[0].status == "CANCELLED"
    assert not PurchaseOrderChange.objects.exists()
    assert placed.lines.get().surplus_quantity == 25


def test_a_factory_may_come_back_shorter_later_and_cheaper():
    market, orders, placed = bought()
    purchase_order.respond(placed, by=market.factory_actor, at=LATER)
    later = LATER.date() + timedelta(days=30)
    purchase_order.respond(
        placed, answers=[Answer(1, 80, later, unit_price=Decimal(9))], by=market.factory_actor, at=LATER
    )
    line = placed.lines.get()
    assert (line.confirmed, line.promised_date, line.unit_price) == (80, later, 9)
    assert sum(part.allocated for part in lines_of(*orders)) == 80
    first, second = told(SupplyAllocated)
    assert [part.promised_date for part in first.promised] != [later]
    assert [part.promised_date for part in second.promised] == [later]
