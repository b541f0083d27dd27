"""What was promised of goods on their way that do not come."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from b2b.core.errors import Invalid
from b2b.core.ids import uuid7
from b2b.core.machine import IllegalTransition
from b2b.db.invariants import check
from b2b.outbox.models import OutboxEvent
from tests.factories.warehousing import BY, World
from warehousing.models import HandlingUnit, Promise, PromiseBook
from warehousing.services import demand, receipt, receipt_scan
from warehousing.services.receipt import Count
from warehousing.services.receipt_scan import Seen

NAMES = ["promise.books", "promise.bands", "promise.goods", "stock.demand"]


def test_goods_on_their_way_are_promised_to_who_can_wait(world: World, at: datetime) -> None:
    world.stock(2)
    receipt_due = world.expected(10)  # due today
    soon = world.demand_line(8, need_by_date=at.date() + timedelta(days=2))
    at_once = world.demand_line(8)
    assert demand.cover([soon], at=at) == {soon.order_line_id: 8}
    assert demand.cover([at_once], at=at) == {at_once.order_line_id: 0}
    other = world.demand_line(8, need_by_date=at.date() + timedelta(days=9))
    assert demand.cover([other], at=at) == {other.order_line_id: 4}
    assert demand.cover([other], at=at) == {other.order_line_id: 4}
    statuses = Promise.objects.order_by("pk").values_list("status", "quantity")
    assert list(statuses) == [("ON_HAND", 2), ("EXPECTED", 6), ("EXPECTED", 4)]
    receipt.receive(receipt_due.pk, counts=[Count(1, 9)], by=BY, at=at)
    rows = Promise.objects.filter(status="ON_HAND").values_list("demand__order_line_id", "quantity")
    assert sorted(rows) == [(soon.order_line_id, 2), (soon.order_line_id, 6), (other.order_line_id, 3)]
    # The tenth will not come: it is promised no longer, and orders hear of it.
    assert not Promise.objects.filter(status="EXPECTED").exists()
    told = OutboxEvent.objects.get(topic="warehousing.pick.short.v1").payload
    assert (told["order_line_id"], told["quantity"]) == (other.order_line_id, 1)
    assert demand.cover([at_once], at=at) == {at_once.order_line_id: 0}
    assert PromiseBook.objects.get().promised == 11
    assert check(NAMES) == []


def test_what_a_receipt_that_is_called_off_was_to_bring_is_promised_no_longer(
    world: World, at: datetime
) -> None:
    never, late = world.expected(10), world.expected(4)
    lines = [world.demand_line(6, need_by_date=at.date() + timedelta(days=days)) for days in (2, 9)]
    assert list(demand.cover(lines, at=at).values()) == [6, 6]
    with pytest.raises(Invalid):
        receipt.cancel(never.pk, reason=" ", by=BY, at=at)
    receipt.cancel(never.pk, reason="the truck never came", by=BY, at=at)
    left = Promise.objects.filter(status="EXPECTED").values_list("demand__order_line_id", "quantity")
    assert list(left) == [(lines[0].order_line_id, 4)]
    short = OutboxEvent.objects.filter(topic="warehousing.pick.short.v1").order_by("pk")
    assert sorted((one.payload["order_line_id"], one.payload["quantity"]) for one in short) == [
        (lines[0].order_line_id, 2),
        (lines[1].order_line_id, 6),
    ]
    missing = OutboxEvent.objects.get(topic="warehousing.goods.received.v1").payload["lines"]
    assert [(one["accepted_quantity"], one["missing_quantity"]) for one in missing] == [(0, 10)]
    with pytest.raises(IllegalTransition):
        receipt.receive(never.pk, by=BY, at=at)
    receipt.receive(late.pk, by=BY, at=at)
    assert list(Promise.objects.filter(status="ON_HAND").values_list("quantity", flat=True)) == [4]
    assert check(NAMES) == []


def test_what_is_still_counted_may_come_good(world: World, at: datetime) -> None:
    counted, never = world.expected(10), world.expected(10)
    demand.cover([world.demand_line(12, need_by_date=at.date() + timedelta(days=2))], at=at)
    receipt_scan.scan(counted.pk, Seen(world.product.sku, 3), by=BY, at=at)
    receipt.cancel(never.pk, reason="the truck never came", by=BY, at=at)
    assert Promise.objects.get(status="EXPECTED").quantity == 12


def test_units_of_a_receipt_that_is_called_off_are_expected_again_when_advised_again(
    world: World, at: datetime
) -> None:
    carton = "106141412345678908"
    advice = world.advice((world.product, 4))
    [line] = advice.lines
    line = type(line)(**{**{name: getattr(line, name) for name in line.__struct_fields__}, "sscc": carton})
    given = {name: getattr(advice, name) for name in advice.__struct_fields__} | {"lines": (line,)}
    first = receipt.expect(type(advice)(**given), by=BY, at=at)
    receipt.cancel(first.pk, reason="the truck never came", by=BY, at=at)
    assert HandlingUnit.objects.get(sscc=carton).status == "CANCELLED"
    again = receipt.expect(type(advice)(**given | {"despatch_advice_id": uuid7()}), by=BY, at=at)
    assert HandlingUnit.objects.get(sscc=carton).status == "EXPECTED"
    receipt.receive(again.pk, by=BY, at=at)
    assert HandlingUnit.objects.get(sscc=carton).status == "EMPTY"  # its goods went onto the shelf
