"""What a dealer gives up of goods that have come, or that were bought beyond the need, has one owner afterwards."""

from datetime import timedelta

import pytest

from b2b.contracts.orders import SupplyAllocated
from b2b.contracts.warehousing import PickedShort
from b2b.core import clock
from b2b.core.actor import system
from b2b.core.ids import uuid7
from b2b.db import invariants
from orders.models import CancellationRequest, Peg, PurchaseOrderChange
from orders.policies.order_change import LineEdit
from orders.services import lost_goods, order_cycle, purchase_order
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close, edit, lines_of, send, take_in, told

pytestmark = pytest.mark.django_db
BY = system("test")


def bought(*wanted, multiple=10, **policy):
    """A closed cycle of a dealer for each quantity; its purchase order rounds up to `multiple`."""
    market = made.trade(dealers=len(wanted), breaks=((1, "10"),), multiple=multiple)
    cycle = made.cycle(market, policy=policy or None)
    orders = [made.order(market, [one], dealer=index) for index, one in enumerate(wanted)]
    return market, orders, close(cycle)


def surplus():
    """(owner, pegged, allocated, received) of what nobody ordered."""
    found = Peg.objects.filter(order_line=None).order_by("surplus_owner")
    return list(found.values_list("surplus_owner", "pegged", "allocated", "received"))


def is_sound(placed):
    """The pegs are the supply, and every other invariant holds."""
    line = placed.lines.get()
    pegs = list(line.pegs.values_list("order_line_id", "pegged"))
    assert sum(pegged for _, pegged in pegs) == line.quantity
    assert sum(pegged for owner, pegged in pegs if owner is None) == line.surplus_quantity
    return not invariants.check()


def test_what_is_given_up_joins_the_platforms_surplus_in_one_peg():
    market, orders, placed = bought(13, 20, given_up="stock")
    assert surplus() == [("PLATFORM", 7, 0, 0)]
    edit(market, orders[0], LineEdit(1, 5), at=LATER)
    assert surplus() == [("PLATFORM", 15, 0, 0)]
    assert not PurchaseOrderChange.objects.exists()
    assert is_sound(placed)


@pytest.mark.parametrize(("left", "asked", "kept"), [(5, 0, 15), (3, 10, 7), (0, 10, 10)])
def test_the_factory_is_asked_for_whole_packs_of_what_was_given_up(left, asked, kept):
    """Of 40 in tens 33 are wanted: less than a pack joins the surplus, a pack is asked of the factory."""
    market, orders, placed = bought(13, 20)
    edit(market, orders[0], LineEdit(1, left), at=LATER)
    assert sum(CancellationRequest.objects.values_list("quantity", flat=True)) == asked
    assert surplus() == [("PLATFORM", kept, 0, 0)]
    assert is_sound(placed)


def test_what_the_next_cycle_owns_stays_its_own():
    """What rounding bought is the next cycle's; what a dealer gave up is the platform's, which has to pay for it."""
    market, orders, placed = bought(13, 20, surplus="NEXT_CYCLE", given_up="stock")
    edit(market, orders[0], LineEdit(1, 5), at=LATER)
    assert surplus() == [("NEXT_CYCLE", 7, 0, 0), ("PLATFORM", 8, 0, 0)]
    assert is_sound(placed)
    at = NOW + timedelta(days=4)
    cycle = made.cycle(market, at=NOW + timedelta(days=2))
    with clock.travel(NOW + timedelta(days=2)):
        late = made.order(market, [6], dealer=1, at=NOW + timedelta(days=2))
    with clock.travel(at):
        assert order_cycle.close(cycle, by=BY, at=at) == []
    assert [(one.pooled, one.unpooled) for one in lines_of(late)] == [(6, 0)]
    assert surplus() == [("NEXT_CYCLE", 1, 0, 0), ("PLATFORM", 8, 0, 0)]
    assert is_sound(placed)


def test_a_short_answer_is_shared_anew_when_a_dealer_gives_up():
    market, orders, placed = bought(13, 20, given_up="stock")
    purchase_order.respond(placed, answers=[Answer(1, 35)], by=market.factory_actor, at=LATER)
    assert surplus() == [("PLATFORM", 7, 2, 0)]
    edit(market, orders[0], LineEdit(1, 5), at=LATER)
    assert surplus() == [("PLATFORM", 15, 10, 0)]
    [mine], [other] = lines_of(orders[0]), lines_of(orders[1])
    assert (mine.allocated, other.allocated) == (5, 20)
    assert {(part.order_line_id, part.quantity) for part in told(SupplyAllocated)[-1].allocations} == {
        (mine.pk, 5), (other.pk, 20)
    }  # fmt: skip
    assert is_sound(placed)


def test_goods_that_came_and_nobody_waits_for_are_the_platforms():
    market, orders, placed = bought(13, 20)
    purchase_order.respond(placed, by=market.factory_actor, at=LATER)
    send(market, placed, 40)
    take_in(placed, 40)
    edit(market, orders[0], LineEdit(1, 5), at=LATER)
    [mine] = lines_of(orders[0])
    assert (mine.cancelled, mine.pooled, mine.allocated, mine.received) == (8, 5, 5, 5)
    assert surplus() == [("PLATFORM", 15, 15, 15)]
    assert not CancellationRequest.objects.exists()
    assert is_sound(placed)


def test_goods_of_a_factory_that_are_not_found_stay_with_the_platform():
    market, orders, placed = bought(13, 20)
    purchase_order.respond(placed, by=market.factory_actor, at=LATER)
    send(market, placed, 40)
    take_in(placed, 40)
    [mine] = lines_of(orders[0])
    fact = PickedShort(
        occurred_at=LATER, short_id=uuid7(), order_id=orders[0].pk, order_line_id=mine.pk,
        dealer_id=mine.dealer_id, warehouse_site_id=market.warehouse.pk, product_id=mine.product_id, quantity=4,
        supplied_quantity=4,
    )  # fmt: skip
    assert [lost_goods.note(fact, by=BY) for _ in range(2)] == [4, 0]
    [mine] = lines_of(orders[0])
    assert (mine.pooled, mine.received, mine.unpooled, mine.waiting_reason) == (9, 9, 4, "NOT_FOUND")
    assert surplus() == [("PLATFORM", 11, 11, 11)]
    assert is_sound(placed)
