import json
from datetime import datetime

import pytest

from b2b.contracts.warehousing import GoodsReceived
from b2b.core.errors import Invalid
from b2b.core.machine import IllegalTransition
from b2b.outbox.models import OutboxEvent
from tests.factories.warehousing import BY, World, product
from warehousing.models import Promise, PromiseBook, Quant, Receipt, StockLedgerEntry
from warehousing.services import demand, receipt, supply
from warehousing.services.receipt import Count, OverReceipt


def expected(world: World, at: datetime, quantity: int = 100, **fields: object) -> Receipt:
    return receipt.expect(world.advice((world.product, quantity), **fields), by=BY, at=at)  # type: ignore[arg-type]


def told() -> GoodsReceived:
    return GoodsReceived.from_json(json.dumps(OutboxEvent.objects.get(topic=GoodsReceived.topic).payload))


def test_an_advice_is_expected_once(world: World, at: datetime) -> None:
    advice = world.advice((world.product, 100))
    first = receipt.expect(advice, by=BY, at=at)
    assert receipt.expect(advice, by=BY, at=at) == first
    assert first.lines.get().expected_quantity == 100


def test_goods_come_in_as_advised(world: World, at: datetime) -> None:
    arrived = receipt.receive(expected(world, at, lot_number="L7").pk, by=BY, at=at)
    assert arrived.status == "RECEIVED"
    quant = Quant.objects.get()
    assert (quant.on_hand, quant.lot.number) == (100, "L7")
    assert told().lines[0].accepted_quantity == 100


def test_rejected_goods_are_in_stock_but_nobodys(world: World, at: datetime) -> None:
    receipt.receive(expected(world, at).pk, counts=[Count(1, 90, 10, rejection_reason="wet")], by=BY, at=at)
    assert dict(Quant.objects.values_list("location__kind", "on_hand")) == {"STORAGE": 90, "QUALITY": 10}
    line = world.demand_line(100)
    assert demand.cover([line], at=at) == {line.order_line_id: 90}
    assert told().lines[0].rejected_quantity == 10


def test_what_is_received_is_kept_by_the_shares(world: World, at: datetime) -> None:
    arriving = expected(world, at)
    orders = [world.order((world.product, 60)), world.order((world.product, 60))]
    for order in orders:
        demand.record(order, at=at)
    supply.allocate(world.sharing(arriving.purchase_order_id, (orders[0], 60), (orders[1], 30)), at=at)
    receipt.receive(arriving.pk, by=BY, at=at)
    assert list(Promise.objects.order_by("demand").values_list("quantity", flat=True)) == [60, 30]
    assert PromiseBook.objects.get().promised == Quant.objects.get().on_hand - 10


def test_less_than_shared_is_shared_in_proportion(world: World, at: datetime) -> None:
    arriving = expected(world, at)
    orders = [world.order((world.product, 60)), world.order((world.product, 30))]
    for order in orders:
        demand.record(order, at=at)
    supply.allocate(world.sharing(arriving.purchase_order_id, (orders[0], 60), (orders[1], 30)), at=at)
    receipt.receive(arriving.pk, counts=[Count(1, 30)], by=BY, at=at)
    assert list(Promise.objects.order_by("demand").values_list("quantity", flat=True)) == [20, 10]
    assert told().lines[0].missing_quantity == 70


def test_a_sharing_that_comes_late_is_served_from_what_is_in(world: World, at: datetime) -> None:
    arriving = expected(world, at)
    order = world.order((world.product, 60))
    demand.record(order, at=at)
    receipt.receive(arriving.pk, by=BY, at=at)
    assert not Promise.objects.exists()
    sharing = world.sharing(arriving.purchase_order_id, (order, 60))
    assert supply.allocate(sharing, at=at) == 60
    assert supply.allocate(sharing, at=at) == 0
    assert Promise.objects.get().quantity == 60


def test_goods_on_order_are_not_reserved_a_second_time_from_stock(world: World, at: datetime) -> None:
    order = world.order((world.product, 60))
    demand.record(order, at=at)
    line = order.lines[0]
    arriving = expected(world, at, 40)
    supply.allocate(world.sharing(arriving.purchase_order_id, (order, 40)), at=at)
    world.stock(100)
    asked = world.demand_line(60, order_id=order.order_id, order_line_id=line.line_id)
    assert demand.cover([asked], at=at) == {line.line_id: 20}
    receipt.receive(arriving.pk, by=BY, at=at)
    assert demand.cover([asked], at=at) == {line.line_id: 20}
    assert sum(Promise.objects.values_list("quantity", flat=True)) == 60


def test_a_newer_sharing_replaces_an_older_one(world: World, at: datetime) -> None:
    arriving = expected(world, at)
    order = world.order((world.product, 60))
    demand.record(order, at=at)
    supply.allocate(world.sharing(arriving.purchase_order_id, (order, 20), version=2), at=at)
    supply.allocate(world.sharing(arriving.purchase_order_id, (order, 60), version=1), at=at)
    receipt.receive(arriving.pk, by=BY, at=at)
    assert Promise.objects.get(status="ON_HAND").quantity == 20


def test_more_than_tolerated_is_refused(world: World, at: datetime) -> None:
    arriving = expected(world, at)
    with pytest.raises(OverReceipt):
        receipt.receive(arriving.pk, counts=[Count(1, 100, 6)], by=BY, at=at)
    assert not StockLedgerEntry.objects.exists()
    receipt.receive(arriving.pk, counts=[Count(1, 105)], by=BY, at=at)
    assert Quant.objects.get().on_hand == 105


def test_everything_wrong_with_a_count_is_said_at_once(world: World, at: datetime) -> None:
    advice = world.advice((world.product, 1), (world.product, 1), (world.product, 1))
    arriving = receipt.expect(advice, by=BY, at=at)
    with pytest.raises(Invalid) as refused:
        receipt.receive(
            arriving.pk, counts=[Count(1, 1), Count(1, 1), Count(2, -1), Count(7, 1)], by=BY, at=at
        )
    codes = [problem.code for problem in refused.value.problems]
    assert codes == ["counted_twice", "negative_quantity", "unknown_line", "not_counted"]


def test_a_receipt_is_received_once(world: World, at: datetime) -> None:
    arriving = expected(world, at)
    receipt.receive(arriving.pk, by=BY, at=at)
    with pytest.raises(IllegalTransition):
        receipt.receive(arriving.pk, by=BY, at=at)


def test_goods_tracked_by_lot_without_one_are_named_after_the_receipt(world: World, at: datetime) -> None:
    tracked = product(tracking="LOT")
    arriving = receipt.expect(world.advice((tracked, 5)), by=BY, at=at)
    receipt.receive(arriving.pk, by=BY, at=at)
    assert Quant.objects.get().lot.number == arriving.number


def test_the_number_of_statements_does_not_grow(
    world: World, at: datetime, django_assert_max_num_queries
) -> None:
    small = receipt.expect(world.advice((world.product, 1)), by=BY, at=at)
    large = receipt.expect(world.advice(*((product(), 2) for _ in range(50))), by=BY, at=at)
    with django_assert_max_num_queries(40) as few:
        receipt.receive(small.pk, by=BY, at=at)
    with django_assert_max_num_queries(len(few)):
        receipt.receive(large.pk, by=BY, at=at)
