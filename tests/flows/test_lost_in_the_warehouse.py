"""Goods that a picker does not find are bought anew: orders and warehousing over the outbox."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from b2b.contracts.warehousing import PickedShort
from b2b.core.actor import Actor, acting_as, system
from b2b.db.invariants import check
from b2b.db.models import StatusChange
from b2b.outbox.dispatch import drain
from b2b.outbox.models import Delivery, OutboxEvent
from b2b.tower.models import TimelineEntry
from orders import ports
from orders.models import Order, OrderCycle, OrderLine, Peg
from orders.services import despatch_advice, lost_goods, order_cycle, purchase_order
from orders.services.despatch_advice import Despatched
from orders.services.purchase_order import Answer
from tests.factories import orders as ordering
from tests.factories.orders import NOW, Trade
from tests.factories.warehousing import World
from tests.support.order_ports import answered
from warehousing.models import Demand, Promise, Receipt
from warehousing.services import count, cycle_count, picking, receipt, reservation, warehouse, wave
from warehousing.services.cycle_count import Found

BY: Actor = system("test")
SUMS = [
    *("stock.quants", "stock.reserved", "stock.demand", "stock.movements"),
    *("promise.books", "promise.bands", "promise.goods"),
]


@pytest.fixture
def market() -> Iterator[Trade]:
    real = ports.stock()
    with answered(stock=real), acting_as(BY):
        yield ordering.trade(dealers=2)


def opened(market: Trade, stock: int) -> World:
    house = warehouse.open_at(market.warehouse.pk)
    world = World(house, market.dealers[0], market.shops[0], market.maker, market.products[0])
    world.places = {place.kind: place for place in house.locations.all()}
    world.stock(stock, at=NOW)
    return world


def settled() -> bool:
    drain()
    return not Delivery.objects.filter(queue__in=["orders", "warehousing"]).exclude(status="DONE").exists()


def closed(cycle: OrderCycle) -> list[object]:
    assert settled()
    placed = order_cycle.close(cycle, early=True, by=BY, at=NOW)
    assert settled()
    return placed


def line(order: Order) -> OrderLine:
    return order.lines.get()


def promised(order: Order) -> int:
    rows = Promise.objects.filter(demand__order_id=order.pk, status__in=["ON_HAND", "FULFILLED"])
    return sum(rows.values_list("quantity", flat=True))


@pytest.mark.django_db
def test_what_lay_on_the_shelf_for_an_order_is_bought_in_the_next_cycle(market: Trade) -> None:
    world = opened(market, 20)
    cycle = ordering.cycle(market)
    order = ordering.order(market, [20])
    assert closed(cycle) == []
    assert (line(order).covered, line(order).unpooled) == (20, 0)
    work = wave.release(world.warehouse.pk, by=BY, at=NOW)
    picking.confirm(work.pk, picked={1: 8}, by=BY, at=NOW)
    assert settled()
    assert (line(order).covered, line(order).unpooled, promised(order)) == (8, 12, 8)
    assert line(order).waiting_reason == OrderLine.Waiting.NOT_FOUND
    told = StatusChange.objects.get(document_id=order.pk, verb="miss_goods").reason
    assert told.startswith("12 units of line 1 were not found")
    assert TimelineEntry.objects.filter(order_id=order.pk, step="short").exists()
    [placed] = closed(ordering.cycle(market, hours=20))
    assert placed.lines.get().quantity == 12
    assert (line(order).pooled, line(order).waiting_reason) == (12, "")
    assert check(SUMS) == []


@pytest.mark.django_db
def test_what_a_factory_sent_for_an_order_is_the_platforms_loss(market: Trade) -> None:
    world = opened(market, 1)
    world.stock(1, at=NOW)
    cycle = ordering.cycle(market)
    first, second = ordering.order(market, [60], dealer=0), ordering.order(market, [62], dealer=1)
    [placed] = closed(cycle)
    purchase_order.respond(placed, answers=[Answer(1, 120)], by=BY, at=NOW)
    despatch_advice.receive(
        placed, lines=[Despatched(1, 120)], expected_at=NOW, external_reference="D-1", by=BY, at=NOW
    )
    assert settled()
    receipt.receive(Receipt.objects.get().pk, by=BY, at=NOW)
    assert settled()
    work = wave.release(world.warehouse.pk, by=BY, at=NOW)
    tasks = dict(work.tasks.values_list("task_number", "quantity"))
    [number] = work.tasks.filter(demand__order_id=second.pk, quantity__gt=40).values_list(
        "task_number", flat=True
    )
    picking.confirm(work.pk, picked={**tasks, number: tasks[number] - 30}, by=BY, at=NOW)
    assert settled()
    lost = line(second)
    assert (lost.covered + lost.received, lost.unpooled, promised(second)) == (32, 30, 32)
    assert (lost.pooled, lost.allocated) == (lost.received, lost.received)
    assert line(first).covered + line(first).received == promised(first) == 60
    surplus = Peg.objects.get(order_line=None)
    assert (surplus.surplus_owner, surplus.received) == ("PLATFORM", 30)
    assert check() == []
    [again] = closed(ordering.cycle(market, hours=20))
    assert again.lines.get().quantity == 30
    assert check() == []


@pytest.mark.django_db
def test_what_a_count_does_not_find_is_planned_anew_too_and_once(market: Trade) -> None:
    world = opened(market, 20)
    cycle = ordering.cycle(market)
    order = ordering.order(market, [20])
    closed(cycle)
    demands = list(Demand.objects.values_list("pk", flat=True))
    reservation.allocate_demands(demands, at=NOW)
    found = Found(world.places["STORAGE"].pk, world.product.pk, 15)
    held = count.adjust(found, reason="a leak", by=BY, at=NOW)
    assert held.status == "HELD"
    boss = Actor(kind=BY.kind, organization_id=BY.organization_id, user_id=7)
    cycle_count.approve(held.cycle_count_id, 1, reason="wet indeed", by=boss, at=NOW)
    assert settled()
    told = OutboxEvent.objects.get(topic=PickedShort.topic).payload
    assert lost_goods.note(PickedShort.from_json(json.dumps(told)), by=BY) == 0
    assert (line(order).covered, line(order).unpooled, promised(order)) == (15, 5, 15)
    assert StatusChange.objects.filter(document_id=order.pk, verb="miss_goods").count() == 1
    assert check(SUMS) == []


@pytest.mark.django_db
def test_an_order_that_is_over_is_left_alone(market: Trade) -> None:
    world = opened(market, 20)
    cycle = ordering.cycle(market)
    order = ordering.order(market, [20])
    closed(cycle)
    work = wave.release(world.warehouse.pk, by=BY, at=NOW)
    picking.confirm(work.pk, picked={1: 0}, by=BY, at=NOW)
    Order.objects.update(status="CANCELLED")
    assert settled()
    assert line(order).covered == 20
